import { foreground } from '../../../engine/select.ts'
import { isPassed, taskState } from '../../../engine/state.ts'
import { type Model, type PaneName, stepOnScreen, taskOnScreen } from '../model.ts'
import { cellWidth } from '../text/cell.ts'
import { cut } from '../text/fit.ts'
import { elapsed } from './rows.ts'

/** What stands above a pane. */
export function paneTitle(model: Model, pane: PaneName): string {
  const { state, now } = model
  const task = taskOnScreen(model)
  switch (pane) {
    case 'text': {
      const step = stepOnScreen(model)
      return step ? `Step ${step.number}: ${step.title}` : 'Text'
    }
    case 'output': {
      const busy = state && foreground(state)
      const since = busy && taskState(state, busy.task).actions[busy.action]?.startedAt
      return since === undefined ? 'Output' : `Output, running for ${elapsed(now, since)}`
    }
    case 'checks': {
      if (!state || !task || task.checks.length === 0) return 'Checks'
      if (isPassed(state, task.key)) return 'Checks, all passed'
      const checks = Object.values(taskState(state, task.key).checks)
      const passed = checks.filter(({ verdict, seen }) => verdict.kind === 'passed' || seen).length
      return `Checks, ${passed} of ${task.checks.length} passed`
    }
    case 'chain':
      return 'Your last change'
    case 'progress':
      return 'Progress'
  }
}

/** A rule with a title, and how much is out of sight. */
export function titleRow(
  { theme }: Model,
  title: string,
  hidden: { readonly above: number; readonly below: number },
  focused: boolean,
  width: number,
): string {
  const { paint, symbols } = theme
  const h = symbols.box.h
  const more = [
    ...(hidden.above > 0 ? [`${hidden.above} above`] : []),
    ...(hidden.below > 0 ? [`${hidden.below} below`] : []),
  ].join(', ')
  const note = more === '' ? '' : ` ${more} ${h}`
  const text = cut(` ${title} `, Math.max(0, width - cellWidth(note) - 3), symbols.ellipsis)
  const line = h.repeat(Math.max(0, width - 1 - cellWidth(text) - cellWidth(note)))
  const begin = focused ? paint('focus', `${symbols.current}${text}`) : `${paint('border', h)}${paint('strong', text)}`
  return `${begin}${paint('border', line + note)}`
}
