import { summaryOf } from '../../../engine/report.ts'
import type { State } from '../../../engine/state.ts'
import { durationText } from '../../duration.ts'
import type { Model } from '../model.ts'
import { field } from '../panes/rows.ts'
import { wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'

/** The last page: what was built, how long it took, what next, and how to remove it. */
export function finishRows(model: Model, width: number): readonly string[] {
  const { state, course, render, theme } = model
  if (!state || !course) return []
  const { paint, symbols } = theme
  const summary = summaryOf(state)
  const probe = model.probe ?? summary.probe
  const part = (name: string, text: string) => field(name, text, width, theme)
  const { startedAt, finishedAt, pushToServedMs } = summary
  return [
    paint('passed', `${symbols.passed} Every check passed.`),
    ...part('done', `${summary.steps.passed} steps, ${summary.tasks.passed} tasks, ${summary.checks.passed} checks`),
    ...(startedAt !== undefined && finishedAt !== undefined ? part('took', durationText(finishedAt - startedAt)) : []),
    ...(pushToServedMs === undefined
      ? []
      : part('push', `${durationText(pushToServedMs)} from the push until it was served`)),
    ...(probe ? part('requests', `${probe.served} served, ${probe.lost} lost`) : []),
    '',
    ...(render?.markdown(course.finish, width) ??
      course.finish.split('\n').flatMap((line) => wrap(inlineCode(line, theme), width))),
    '',
    ...stepTimes(state).flatMap(([name, time], at) => part(at === 0 ? 'steps' : '', `${name}: ${time}`)),
    '',
    ...part('next', 'Everything still runs: s opens a shell to try things in'),
    ...(course.drills.length === 0
      ? []
      : part(
          'drills',
          `${course.drills.length} fault${course.drills.length === 1 ? '' : 's'} to find and repair: d lists them, as \`gitops-lab drill\` does`,
        )),
    ...part(
      'clean up',
      '`gitops-lab down` ends it and keeps it; `gitops-lab reset` removes all that the lab made, and nothing else',
    ),
  ]
}

/** How long each step took: from entering its first task to passing its last. */
function stepTimes(state: State): readonly (readonly [string, string])[] {
  return state.outline.steps.flatMap((step) => {
    const entered = step.tasks.flatMap(({ key }) => state.tasks[key]?.enteredAt ?? [])
    const passed = step.tasks.flatMap(({ key }) => state.tasks[key]?.passed?.at ?? [])
    if (entered.length === 0 || passed.length === 0) return []
    return [[`${step.number} ${step.title}`, durationText(Math.max(...passed) - Math.min(...entered))] as const]
  })
}
