import { taskState } from '../../../engine/state.ts'
import { unansweredSince } from '../../../engine/unanswered.ts'
import { type Model, taskOnScreen } from '../model.ts'
import { wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'
import { elapsed } from './rows.ts'
import { verdictRows } from './verdicts.ts'

/** The verdicts of the task on display. */
export function checkRows(model: Model, width: number): readonly string[] {
  const { state, theme, now } = model
  const task = taskOnScreen(model)
  if (!state || !task) return []
  const passed = taskState(state, task.key).passed !== undefined
  if (task.kind === 'look') {
    const text = passed
      ? `${theme.paint('passed', theme.symbols.passed)} read`
      : 'Nothing to check here: read, look, and go on.'
    return wrap(text, width)
  }
  const since =
    model.looking === undefined && task.key === state.current
      ? unansweredSince(state, { now, from: model.startedAt })
      : undefined
  const silence =
    since === undefined
      ? []
      : wrap(
          theme.paint(
            'warning',
            inlineCode(
              `${theme.symbols.warning} Nothing has arrived for ${elapsed(now, since)}. If you typed something, run \`gitops-lab why\` in that terminal: it says whether it leads to this lab.`,
              theme,
            ),
          ),
          width,
        )
  return [...silence, ...verdictRows(state, task, { width, theme, now })]
}
