import type { LabClient } from '../engine/lab-client.ts'
import { LabError } from '../engine/lab-error.ts'
import { kindsOf, openTasks, type Row, rowsOf } from '../engine/report.ts'
import { exitCodeOf } from '../engine/verdict.ts'

export type CheckResult = { readonly rows: readonly Row[]; readonly code: number }

/** Asks checks: of the given tasks, or of those that decide how it goes on. `now`: afresh, what passed too. */
export async function check(lab: LabClient, keys: readonly string[] | undefined, now: boolean): Promise<CheckResult> {
  const tasks = keys ?? openTasks(lab.state())
  const outcome = await lab.dispatch({ kind: 'check', tasks, now })
  if (!outcome.ok) throw new LabError({ found: outcome.why })
  const rows = rowsOf(lab.state(), tasks, now)
  return { rows, code: exitCodeOf(kindsOf(rows)) }
}

/** What holds it up: the verdicts of `check` that are not passed. */
export async function why(lab: LabClient): Promise<CheckResult> {
  const { rows, code } = await check(lab, undefined, false)
  return { rows: rows.filter(({ verdict }) => verdict !== 'passed'), code }
}
