import type { View } from '../engine/view.ts'

/** For programs: one JSON value a line. Events are objects with `seq`, `at` and `event`; verdicts are one array. */
export const jsonLinesView = (write: (text: string) => void): View => {
  const line = (value: unknown) => write(`${JSON.stringify(value)}\n`)
  return {
    event: line,
    rows: line,
    note: (text) => line({ note: text }),
    summary: (summary) => line({ summary }),
  }
}
