import { activeDrill } from './drill.ts'
import { currentTask, foreground, isSatisfied } from './select.ts'
import { isPassed, type State, taskState } from './state.ts'

/** After this time without anything arriving, a view says so: what was typed may have gone to another world. */
const PATIENCE = 90_000

/**
 * Since when nothing has arrived for the current task although it is the learner's turn: no action, no new verdict.
 * Undefined where it is somebody else's turn, or where something came within `PATIENCE`. `from` is when the learner
 * came (back): what was before does not count.
 */
export function unansweredSince(state: State, { now, from }: { now: number; from: number }): number | undefined {
  const task = currentTask(state)
  if (!task || isPassed(state, task.key) || foreground(state) || activeDrill(state)) return undefined
  const { enteredAt = 0, actions, checks } = taskState(state, task.key)
  const open = task.checks.map(({ name }) => checks[name]).filter((check) => !isSatisfied(check))
  if (!open.some((check) => check?.verdict.kind === 'blocked')) return undefined
  const arrivals = [
    ...Object.values(actions).flatMap(({ startedAt, ended }) => [startedAt, ended?.at ?? startedAt]),
    ...Object.values(checks).map(({ at }) => at),
  ]
  const since = Math.max(from, enteredAt, ...arrivals)
  return now - since >= PATIENCE ? since : undefined
}
