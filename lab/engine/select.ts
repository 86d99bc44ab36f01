import { activeDrill } from './drill.ts'
import type { Evidence } from './events.ts'
import type { OutlineTask } from './outline.ts'
import { findTask, tasksOf } from './outline.ts'
import type { CheckState, State } from './state.ts'
import { isPassed, taskState } from './state.ts'

/** Whether a check lets its task pass: it passes now, or it is of mode `seen` and passed once. */
export const isSatisfied = (check: CheckState | undefined): boolean =>
  check !== undefined && ((check.counts && check.verdict.kind === 'passed') || check.seen !== undefined)

/** The task that the learner is at; undefined before the first one. */
export const currentTask = (state: State): OutlineTask | undefined =>
  state.current === undefined ? undefined : findTask(state.outline, state.current)

/** The first task that is not passed: after the current one, else anywhere; undefined when all are. */
export function nextTask(state: State): OutlineTask | undefined {
  const tasks = tasksOf(state.outline)
  const at = tasks.findIndex((task) => task.key === state.current)
  return [...tasks.slice(at + 1), ...tasks.slice(0, at + 1)].find((task) => !isPassed(state, task.key))
}

/**
 * The tasks whose checks decide how it goes on: the current one; where that is only looked at, the following ones too,
 * up to the first that has checks, because whoever did that has gone on. During a drill the drill alone.
 */
export function watchedTasks(state: State): readonly OutlineTask[] {
  const active = activeDrill(state)
  if (active) return active.phase === 'running' ? [active.drill] : []
  const tasks = tasksOf(state.outline)
  const from = tasks.findIndex((task) => task.key === state.current)
  if (from < 0) return []
  const open = tasks.slice(from).filter((task) => !isPassed(state, task.key))
  const firstWithChecks = open.findIndex((task) => task.kind !== 'look')
  return firstWithChecks < 0 ? open : open.slice(0, firstWithChecks + 1)
}

/** Whether a task has all it needs to pass: its checks, or for `look` its commands. */
export function isComplete(state: State, task: OutlineTask): boolean {
  const { actions, checks } = taskState(state, task.key)
  if (task.kind !== 'look') return task.checks.length > 0 && task.checks.every(({ name }) => isSatisfied(checks[name]))
  return (
    task.actions.length > 0 &&
    task.actions.every(({ id, background }) => {
      const action = actions[id]
      return action !== undefined && (action.ended ? action.ended.outcome === 'ok' : background)
    })
  )
}

export const evidenceOf = (state: State, task: OutlineTask): readonly Evidence[] =>
  task.checks.map(({ name }) => {
    const check = taskState(state, task.key).checks[name]
    if (check?.verdict.kind === 'passed') return { check: name, text: check.verdict.evidence }
    return { check: name, text: check?.seen?.evidence }
  })

/**
 * Whether the availability probe should run: the learner is at a task that starts it or has passed it, and the one that
 * stops it has not passed. Who leaves that task before it passed does not have requests counted.
 */
export function probeWanted(state: State): boolean {
  let wanted = false
  for (const task of tasksOf(state.outline)) {
    const { passed } = taskState(state, task.key)
    if (task.probe === 'start' && (state.current === task.key || passed)) wanted = true
    if (task.probe === 'stop' && passed) wanted = false
  }
  return wanted
}

export const foreground = (state: State) => state.running.find(({ background }) => !background)

/** Whom the pending checks of the watched tasks wait for. */
export const awaitedActors = (state: State): readonly string[] => [
  ...new Set(
    watchedTasks(state)
      .flatMap((task) => Object.values(taskState(state, task.key).checks))
      .flatMap(({ verdict }) => (verdict.kind === 'pending' ? [verdict.actor] : [])),
  ),
]
