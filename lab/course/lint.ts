import type { Course, Script } from '../engine/course.ts'
import type { Problem } from './problem.ts'
import { secretsIn } from './secrets.ts'

/** What is wrong with a course that loads: what would not work unattended, or shows a secret. */
export function lintCourse(course: Course): readonly Problem[] {
  const tasks = course.steps.flatMap((step) => step.tasks)
  const actless = tasks.flatMap((task) =>
    task.kind === 'act' && task.actions.length === 0
      ? [{ ...task.source, message: `"${task.id}" has no command, edit or file: nothing can do it unattended` }]
      : [],
  )
  const scripts: readonly Script[] = [
    ...tasks.flatMap(({ actions }) =>
      actions.flatMap((action) => (action.kind === 'run' ? [{ text: action.script, source: action.source }] : [])),
    ),
    ...course.drills.flatMap(({ prepare, inject, repair }) => [...prepare, ...inject, ...repair]),
  ]
  const secrets = scripts.flatMap(({ text, source }) =>
    secretsIn(text).map(({ line, found }) => ({
      file: source.file,
      line: source.line + 1 + line,
      message: `a secret as an argument can be seen by other programs: "${found}"; give it by standard input or a file`,
    })),
  )
  return [...actless, ...probes(course), ...secrets]
}

/** Each start of the probe is followed by a stop, and no stop is without a start. */
function probes(course: Course): readonly Problem[] {
  const marked = course.steps.flatMap((step) => step.tasks).filter(({ probe }) => probe)
  const problems: Problem[] = []
  let open: (typeof marked)[number] | undefined
  for (const task of marked) {
    if (task.probe === 'start' && open) problems.push({ ...task.source, message: 'the probe is started twice' })
    if (task.probe === 'stop' && !open)
      problems.push({ ...task.source, message: 'the probe is stopped, but no task starts it' })
    open = task.probe === 'start' ? task : undefined
  }
  if (open) problems.push({ ...open.source, message: 'the probe is started, but no task has probe=stop' })
  return problems
}
