import type { Recorded } from './events.ts'
import type { Row, Summary } from './report.ts'
import type { State } from './state.ts'

/** Renders what happens. A view never decides. */
export interface View {
  /** `state` is the one after the event. */
  event(recorded: Recorded, state: State): void
  /** Verdicts, each as one line or, when `full`, with all that is known. */
  rows(rows: readonly Row[], full?: boolean): void
  /** What a driver has to say. */
  note(text: string): void
  summary(summary: Summary): void
}
