import type { Outline, OutlineStep, OutlineTask } from './outline.ts'
import { didYouMean } from './suggest.ts'

export type Target =
  | { readonly ok: true; readonly step: OutlineStep; readonly tasks: readonly OutlineTask[] }
  | { readonly ok: false; readonly why: string }

/** Finds `STEP` or `STEP/TASK`. STEP is a number, a folder's name or its slug; TASK is an id. */
export function resolveTarget(outline: Outline, target: string): Target {
  const [stepName = '', taskName, ...rest] = target.split('/')
  const step = outline.steps.find(({ number, name, slug }) => [String(number), name, slug].includes(stepName))
  if (!step) {
    const names = outline.steps.flatMap(({ name, slug }) => [name, slug])
    const known = outline.steps.map(({ name }) => name).join(', ')
    return { ok: false, why: `unknown step "${stepName}"${didYouMean(stepName, names)} (the steps are ${known})` }
  }
  if (taskName === undefined) return { ok: true, step, tasks: step.tasks }
  const task = rest.length === 0 ? step.tasks.find(({ id }) => id === taskName) : undefined
  if (task) return { ok: true, step, tasks: [task] }
  const ids = step.tasks.map(({ id }) => id)
  const name = [taskName, ...rest].join('/')
  return {
    ok: false,
    why: `${step.name} has no task "${name}"${didYouMean(name, ids)} (its tasks are ${ids.join(', ')})`,
  }
}
