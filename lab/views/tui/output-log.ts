import { wrap } from './text/fit.ts'
import { Feed } from './text/sanitize.ts'

/** Runs whose output is kept. */
const KEPT = 30

/** What one command wrote, between painted rows that say what ran and how it ended. */
class RunOutput {
  readonly text = new Feed()
  readonly after: string[] = []
  private width = 0
  /** Rows of the lines so far, how many each line has, and where the first of these lines is in the output. */
  private rows: string[] = []
  private counts: number[] = []
  private from = 0

  constructor(
    /** Absent for what was written before this view came. */
    readonly run: number | undefined,
    private readonly title: string,
  ) {}

  rowsAt(width: number): readonly string[] {
    this.bringUp(width)
    return [...wrap(this.title, width), ...this.rows, ...this.after.flatMap((row) => wrap(row, width))]
  }

  /** Wraps only what came since the last time: lines do not change, but for the one that has not ended. */
  private bringUp(width: number): void {
    if (width !== this.width) {
      this.width = width
      this.rows = []
      this.counts = []
    } else this.forgetLast()
    const lines = this.text.lines()
    const { dropped } = this.text
    const gone = this.counts.splice(0, Math.min(this.counts.length, dropped - this.from))
    this.rows.splice(
      0,
      gone.reduce((sum, count) => sum + count, 0),
    )
    this.from = dropped
    for (const line of lines.slice(this.counts.length)) {
      const rows = wrap(line, width)
      this.rows.push(...rows)
      this.counts.push(rows.length)
    }
  }

  private forgetLast(): void {
    const count = this.counts.pop() ?? 0
    this.rows.length -= count
  }
}

/** The output of commands, in the order they began. Changes in place; `version` tells that it did. */
export class OutputLog {
  version = 0
  private runs: readonly RunOutput[] = []
  private known: { readonly version: number; readonly width: number; readonly rows: readonly string[] } | undefined

  begin(run: number | undefined, title: string): void {
    const last = this.runs.at(-1)
    // What nobody ran stands together, and takes no command's place.
    if (run === undefined && last && last.run === undefined) last.after.push(title)
    else this.runs = [...this.runs, new RunOutput(run, title)].slice(-KEPT)
    this.version++
  }

  append(run: number | undefined, chunk: string): void {
    const found = this.runs.findLast((one) => one.run === run)
    if (!found) return
    found.text.append(chunk)
    this.version++
  }

  /** Adds painted rows below a run's output. */
  end(run: number | undefined, rows: readonly string[]): void {
    const found = this.runs.findLast((one) => one.run === run)
    if (!found) return
    found.after.push(...rows)
    this.version++
  }

  /** All rows at this width, the oldest first. */
  rowsAt(width: number): readonly string[] {
    if (this.known?.version !== this.version || this.known.width !== width) {
      const rows = this.runs.flatMap((run, at) => [...(at === 0 ? [] : ['']), ...run.rowsAt(width)])
      this.known = { version: this.version, width, rows }
    }
    return this.known.rows
  }
}
