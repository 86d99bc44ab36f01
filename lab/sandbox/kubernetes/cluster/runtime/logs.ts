import type { Clock } from '../../../core/clock.ts'

export type LogLine = { readonly time: number; readonly stream: 'stdout' | 'stderr'; readonly text: string }

const MOST_BYTES = 4 * 1024 * 1024

/** What a container said, line by line with the time of each; the oldest lines go when there are too many bytes. */
export class ContainerLog {
  private lines: LogLine[] = []
  private bytes = 0
  private partial = { stdout: '', stderr: '' }
  private readonly followers = new Set<(line: LogLine) => void>()
  private readonly ended = new Set<() => void>()
  private closed = false

  constructor(private readonly clock: Clock) {}

  /** Adds output as it came: a line ends with its line feed, the last one when the container ends. */
  write(stream: 'stdout' | 'stderr', chunk: string): void {
    const lines = (this.partial[stream] + chunk).split('\n')
    this.partial[stream] = lines.pop() ?? ''
    for (const text of lines) this.add({ time: this.clock.now(), stream, text })
  }

  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) if (this.partial[stream]) this.write(stream, '\n')
    this.closed = true
    for (const end of [...this.ended]) end()
  }

  all(): readonly LogLine[] {
    return this.lines
  }

  /** Calls `follow` for each later line and `end` when there will be none. */
  follow(follow: (line: LogLine) => void, end: () => void): () => void {
    if (this.closed) {
      end()
      return () => {}
    }
    this.followers.add(follow)
    this.ended.add(end)
    return () => {
      this.followers.delete(follow)
      this.ended.delete(end)
    }
  }

  private add(line: LogLine): void {
    this.lines.push(line)
    this.bytes += line.text.length + 1
    while (this.bytes > MOST_BYTES && this.lines.length > 1) this.bytes -= (this.lines.shift()?.text.length ?? 0) + 1
    for (const follow of [...this.followers]) follow(line)
  }
}
