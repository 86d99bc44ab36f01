import { tasksOf } from '../../../engine/outline.ts'
import { isPassed } from '../../../engine/state.ts'
import type { Model } from '../model.ts'
import { taskRow } from '../panes/progress.ts'
import { cut, fitted } from '../text/fit.ts'

/** All tasks by step; `selected` is the row of the chosen one. */
export function stepRows(
  model: Model,
  width: number,
  at: number,
): { readonly rows: readonly string[]; readonly selected: number } {
  const { state, theme } = model
  if (!state) return { rows: [], selected: 0 }
  const chosen = tasksOf(state.outline)[at]
  const rows: string[] = []
  let selected = 0
  for (const step of state.outline.steps) {
    const done = step.tasks.filter(({ key }) => isPassed(state, key)).length
    rows.push(
      cut(
        `${theme.paint('heading', `${step.number} ${step.title}`)} ${theme.paint('dim', `${done} of ${step.tasks.length}`)}`,
        width,
      ),
    )
    for (const task of step.tasks) {
      const row = fitted(`${taskRow(model, state, task, width - 4)}`, width - 4)
      if (task === chosen) selected = rows.length
      rows.push(task === chosen ? `${theme.symbols.arrow} ${theme.paint('selection', ` ${row}`)}` : `   ${row}`)
    }
  }
  return { rows, selected }
}
