import type { Course, Script, Source, Task } from '../engine/course.ts'
import { deadLinks } from './links.ts'
import { outputProblems } from './outputs.ts'
import { notPastable } from './paste.ts'
import type { Problem } from './problem.ts'
import { scriptsOf } from './scripts.ts'
import { secretsIn } from './secrets.ts'
import { shownCommands } from './shown.ts'

/** What is wrong with a course that loads: what would not work unattended or pasted, shows a secret, or says nothing. */
export function lintCourse(course: Course): readonly Problem[] {
  const tasks = course.steps.flatMap((step) => step.tasks)
  return [
    ...tasks.flatMap((task) => [...actless(task), ...emptyCallouts(task), ...ofShown(task)]),
    ...scriptsOf(course).flatMap(ofScript),
    ...course.steps.flatMap(({ intro }) => outputProblems({ blocks: intro, actions: [] })),
    ...tasks.flatMap(outputProblems),
    ...course.steps.flatMap((step) =>
      deadLinks(step).map((href) => ({
        ...startOf(step.tasks),
        message: `the link to "${href}" leads nowhere: https://…, or "#id" of a task of this step`,
      })),
    ),
    ...probes(tasks),
  ]
}

const startOf = (tasks: readonly Task[]): Source => ({ file: tasks[0]?.source.file ?? '', line: 1 })

const actless = ({ kind, actions, id, source }: Task): readonly Problem[] =>
  kind === 'act' && actions.length === 0
    ? [{ ...source, message: `"${id}" has no command, edit or file: nothing can do it unattended` }]
    : []

const emptyCallouts = ({ blocks, id, source }: Task): readonly Problem[] =>
  blocks.flatMap((block) =>
    'markdown' in block && block.kind !== 'prose' && block.markdown === ''
      ? [{ ...source, message: `"${id}" has an empty ${block.kind}` }]
      : [],
  )

const ofScript = ({ text, source }: Script): readonly Problem[] =>
  wrongIn(text).map(({ line, message }) => ({ file: source.file, line: source.line + 1 + line, message }))

/** Where a command that is only shown stands is not known, but what it is. */
const ofShown = (task: Task): readonly Problem[] =>
  shownCommands(task).flatMap((text) =>
    wrongIn(text).map(({ message }) => ({ ...task.source, message: `\`${text}\`: ${message}` })),
  )

const wrongIn = (script: string): readonly { readonly line: number; readonly message: string }[] => [
  ...secretsIn(script).map(({ line, found }) => ({
    line,
    message: `a secret as an argument can be seen by other programs: "${found}"; give it by standard input or a file`,
  })),
  ...notPastable(script).map(({ line, why }) => ({ line, message: `cannot be pasted into every shell: ${why}` })),
]

/** Each start of the probe is followed by a stop, and no stop is without a start. */
function probes(tasks: readonly Task[]): readonly Problem[] {
  const problems: Problem[] = []
  let open: Task | undefined
  for (const task of tasks.filter(({ probe }) => probe)) {
    if (task.probe === 'start' && open) problems.push({ ...task.source, message: 'the probe is started twice' })
    if (task.probe === 'stop' && !open)
      problems.push({ ...task.source, message: 'the probe is stopped, but no task starts it' })
    open = task.probe === 'start' ? task : undefined
  }
  if (open) problems.push({ ...open.source, message: 'the probe is started, but no task has probe=stop' })
  return problems
}
