import type { Check, Step, Task } from '../engine/course.ts'
import { didYouMean } from '../engine/suggest.ts'
import type { Problem } from './problem.ts'

/** Puts the checks of a `checks.ts` to the tasks of its step. What is on one side only is a problem. */
export function withChecks(
  step: Step,
  checks: Readonly<Record<string, readonly Check[]>>,
  file: string,
): { readonly step: Step; readonly problems: readonly Problem[] } {
  const ids = step.tasks.map(({ id }) => id)
  const unknown = Object.keys(checks).filter((id) => !ids.includes(id))
  const problems: Problem[] = [
    ...unknown.map((id) => ({
      file,
      line: 1,
      message: `checks for "${id}", which is no task of ${step.name}${didYouMean(id, ids)}`,
    })),
    ...step.tasks.flatMap((task) => problemsOf(task, checks[task.id] ?? [], file)),
  ]
  return { step: { ...step, tasks: step.tasks.map((task) => ({ ...task, checks: checks[task.id] ?? [] })) }, problems }
}

function problemsOf(task: Task, checks: readonly Check[], checksFile: string): readonly Problem[] {
  const { file, line } = task.source
  if (task.kind === 'look') {
    return checks.length === 0
      ? []
      : [
          {
            file,
            line,
            message: `"${task.id}" is only looked at (kind=look): it takes no checks, and ${checksFile} has some`,
          },
        ]
  }
  if (checks.length === 0) {
    return [{ file, line, message: `"${task.id}" has no checks in ${checksFile}; a task without is kind=look` }]
  }
  return namesTwice(task.id, checks, checksFile)
}

/** A problem for each check of a task or drill whose name another one has. */
export function namesTwice(id: string, checks: readonly Check[], file: string): readonly Problem[] {
  const names = checks.map(({ name }) => name)
  return names
    .filter((name, at) => names.indexOf(name) !== at)
    .map((name) => ({ file, line: 1, message: `"${id}" has two checks called "${name}"` }))
}
