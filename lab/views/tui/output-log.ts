import { wrap } from './text/fit.ts'
import { Feed } from './text/sanitize.ts'

/** Runs whose output is kept. */
const KEPT = 30

/** What one command wrote, between painted rows that say what ran and how it ended. */
class RunOutput {
  readonly text = new Feed()
  readonly after: string[] = []
  private wrapped: { readonly width: number; readonly version: number; readonly rows: readonly string[] } | undefined

  constructor(
    /** Absent for what was written before this view came. */
    readonly run: number | undefined,
    private readonly title: string,
  ) {}

  rowsAt(width: number): readonly string[] {
    const { version } = this.text
    if (this.wrapped?.width !== width || this.wrapped.version !== version) {
      this.wrapped = { width, version, rows: this.text.lines().flatMap((line) => wrap(line, width)) }
    }
    return [...wrap(this.title, width), ...this.wrapped.rows, ...this.after.flatMap((row) => wrap(row, width))]
  }
}

/** The output of commands, in the order they began. Changes in place; `version` tells that it did. */
export class OutputLog {
  version = 0
  private runs: readonly RunOutput[] = []

  begin(run: number | undefined, title: string): void {
    this.runs = [...this.runs, new RunOutput(run, title)].slice(-KEPT)
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
    return this.runs.flatMap((run, at) => [...(at === 0 ? [] : ['']), ...run.rowsAt(width)])
  }
}
