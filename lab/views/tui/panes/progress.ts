import type { OutlineStep, OutlineTask } from '../../../engine/outline.ts'
import { foreground } from '../../../engine/select.ts'
import { isPassed, type State } from '../../../engine/state.ts'
import { type Model, stepOnScreen, taskOnScreen } from '../model.ts'
import { cut, fitted } from '../text/fit.ts'
import { spin } from './rows.ts'

/** The steps, and the tasks of the one on display. */
export function progressRows(model: Model, width: number): readonly string[] {
  const { state } = model
  if (!state) return []
  const open = stepOnScreen(model)
  return state.outline.steps.flatMap((step) => [
    stepRow(model, state, step, step === open, width),
    ...(step === open ? step.tasks.map((task) => `  ${taskRow(model, state, task, width - 2)}`) : []),
  ])
}

function stepRow({ theme }: Model, state: State, step: OutlineStep, open: boolean, width: number): string {
  const done = step.tasks.filter(({ key }) => isPassed(state, key)).length
  const all = done === step.tasks.length
  const symbol = all
    ? theme.paint('passed', theme.symbols.passed)
    : open
      ? theme.paint('focus', theme.symbols.current)
      : theme.paint('dim', theme.symbols.open)
  const count = ` ${done}/${step.tasks.length}`
  const title = fitted(`${step.number} ${step.title}`, Math.max(1, width - 2 - count.length), theme.symbols.ellipsis)
  return `${symbol} ${open ? theme.paint('strong', title) : title}${theme.paint('dim', count)}`
}

/** A task with its state, as in every list of tasks. */
export function taskRow(model: Model, state: State, task: OutlineTask, width: number): string {
  const { theme, now } = model
  const { symbols } = theme
  const shown = taskOnScreen(model)?.key === task.key
  const mark =
    foreground(state)?.task === task.key
      ? theme.paint('running', spin(theme, now))
      : isPassed(state, task.key)
        ? theme.paint('passed', symbols.passed)
        : shown
          ? theme.paint('focus', symbols.current)
          : theme.paint('dim', symbols.open)
  const title = cut(task.title, Math.max(1, width - 2), symbols.ellipsis)
  return `${mark} ${shown ? theme.paint('strong', title) : title}`
}
