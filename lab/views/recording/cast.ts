import { cellsOf, changesOf } from './cells.ts'

export type CastOptions = {
  readonly columns: number
  readonly rows: number
  readonly title: string
  /** Longer pauses are cut to this, in milliseconds. */
  readonly idle: number
  /** Takes a line of the file. */
  write(line: string): void
}

/** Hides the cursor and clears, which every player begins with anyway. */
const BEGIN = '\x1b[?25l\x1b[2J\x1b[H'
const END = '\x1b[0m\x1b[?25h\r\n'

/**
 * Records frames as asciicast version 2 (docs.asciinema.org/manual/asciicast/v2): a header, then `[seconds, "o", bytes]`
 * a line. Nothing in it tells when or where it was made.
 */
export class Cast {
  private shown: readonly ReturnType<typeof cellsOf>[] = []
  private time = 0
  private last: number | undefined

  constructor(private readonly options: CastOptions) {
    const { columns: width, rows: height, title, write } = options
    write(JSON.stringify({ version: 2, width, height, title, env: { TERM: 'xterm-256color' } }))
    this.put(BEGIN)
  }

  /** A frame that came on the screen at this time, in milliseconds of any clock. */
  frame(rows: readonly string[], at: number): void {
    const { columns, rows: height } = this.options
    const before = this.shown
    this.shown = Array.from({ length: height }, (_, y) => cellsOf(rows[y] ?? '', columns))
    const bytes = changesOf(before, this.shown)
    if (bytes === '') return
    this.pass(at)
    this.put(bytes)
  }

  /** Lets the last frame stand for a while. */
  end(): void {
    this.time += this.options.idle
    this.put(END)
  }

  private pass(at: number): void {
    this.time += Math.max(0, Math.min(at - (this.last ?? at), this.options.idle))
    this.last = at
  }

  private put(bytes: string): void {
    this.options.write(JSON.stringify([Number((this.time / 1000).toFixed(3)), 'o', bytes]))
  }
}
