/** What commands wrote, kept up to a limit: the oldest goes first. Beside the state, never in the journal. */
export class OutputBuffer {
  private readonly chunks: { readonly run: number; readonly chunk: string }[] = []
  private size = 0

  constructor(private readonly limit = 256 * 1024) {}

  append(run: number, chunk: string): void {
    const kept = chunk.length > this.limit ? chunk.slice(-this.limit) : chunk
    this.chunks.push({ run, chunk: kept })
    this.size += kept.length
    while (this.size > this.limit) this.size -= (this.chunks.shift() as { chunk: string }).chunk.length
  }

  /** What is left of one run's output, or of all. */
  text(run?: number): string {
    return this.chunks.flatMap((entry) => (run === undefined || entry.run === run ? [entry.chunk] : [])).join('')
  }
}
