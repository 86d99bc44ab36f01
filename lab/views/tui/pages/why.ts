import { activeDrill } from '../../../engine/drill.ts'
import { currentTask, watchedTasks } from '../../../engine/select.ts'
import { type Model, taskOnScreen } from '../model.ts'
import { verdictRows } from '../panes/verdicts.ts'
import { wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'

/** The verdicts in full: of the task on display, and of those that decide how it goes on. */
export function whyRows(model: Model, width: number): readonly string[] {
  const { state, theme, now } = model
  const shown = (model.page === 'drills' && state && activeDrill(state)?.drill) || taskOnScreen(model)
  if (!state || !shown) return []
  const others = currentTask(state)?.key === shown.key ? watchedTasks(state).filter(({ key }) => key !== shown.key) : []
  return [shown, ...others]
    .filter(({ checks }) => checks.length > 0)
    .flatMap((task) => [
      theme.paint('heading', task.title),
      '',
      ...verdictRows(state, task, { width, theme, now, full: true }),
      '',
    ])
    .concat(
      wrap(
        theme.paint(
          'dim',
          inlineCode(
            'In another terminal, `gitops-lab why` says the same, and looks at that shell, too: its folder, its KUBECONFIG, its context.',
            theme,
          ),
        ),
        width,
      ),
    )
}
