import { activeDrill } from './drill.ts'
import type { OutlineTask } from './outline.ts'
import { currentTask, foreground, isSatisfied } from './select.ts'
import { isPassed, type State, taskState } from './state.ts'
import type { VerdictKind } from './verdict.ts'

type OfAction = { readonly task: string; readonly action: string }

/** What somebody who only says "go on" gets next. */
export type Offer =
  /** The task's next action. */
  | ({ readonly kind: 'run' | 'edit' | 'write' } & OfAction)
  /** An action that failed, was cancelled, or was cut off. */
  | ({ readonly kind: 'retry' } & OfAction)
  /** A command in the foreground, since when. */
  | ({ readonly kind: 'running'; readonly run: number; readonly since: number } & OfAction)
  /** Go on from a task that is only looked at. */
  | { readonly kind: 'next'; readonly task: string }
  | {
      /** Somebody else acts next. */
      readonly kind: 'wait'
      readonly task?: string
      readonly check?: string
      readonly actor: string
      readonly on?: string
      /** When the actor acts at the latest, in milliseconds since the epoch. */
      readonly until?: number
      /** The task's own next action, where what is waited for was begun elsewhere: it may be run nevertheless. */
      readonly action?: string
    }
  | {
      /** Every action ran, and a check wants something of the learner: its verdict says what. */
      readonly kind: 'act'
      readonly task: string
      readonly check: string
      /** Since when: checks take a moment to see what the last action did. */
      readonly since: number
    }
  /** A fault to find and repair; the course stands still meanwhile. */
  | { readonly kind: 'drill'; readonly drill: string }
  | { readonly kind: 'finished' }

/** Whom is waited for when checks have not been asked, or the next task is being entered. */
const LAB = 'gitops-lab'

/** The offer that a state makes. Total: there is always something to do, to read, or to wait for. */
export function offerOf(state: State): Offer {
  const busy = foreground(state)
  if (busy) {
    const { run, task, action } = busy
    return { kind: 'running', run, task, action, since: taskState(state, task).actions[action]?.startedAt ?? 0 }
  }
  const drill = activeDrill(state)?.drill
  if (drill) return { kind: 'drill', drill: drill.id }
  const task = currentTask(state)
  if (!task || isPassed(state, task.key)) {
    return state.finishedAt === undefined ? { kind: 'wait', actor: LAB } : { kind: 'finished' }
  }
  const action = nextAction(state, task)
  if (task.kind === 'look') return action ?? { kind: 'next', task: task.key }
  const begun = Object.keys(taskState(state, task.key).actions).length > 0
  const wait = waitOf(state, task)
  if (action) return wait && !begun ? { ...wait, action: action.action } : action
  return actOf(state, task) ?? wait ?? { kind: 'wait', task: task.key, actor: LAB }
}

/** The first action that has not done its work. */
function nextAction(
  state: State,
  task: OutlineTask,
): Extract<Offer, { kind: 'run' | 'edit' | 'write' | 'retry' }> | undefined {
  for (const { id, kind } of task.actions) {
    const known = taskState(state, task.key).actions[id]
    if (!known) return { kind, task: task.key, action: id }
    if (known.ended && known.ended.outcome !== 'ok') return { kind: 'retry', task: task.key, action: id }
  }
  return undefined
}

/** Whom the checks wait for, if none of them wants anything of the learner. */
function waitOf(state: State, task: OutlineTask): Extract<Offer, { kind: 'wait' }> | undefined {
  const open = openChecks(state, task)
  if (open.some(({ kind }) => kind !== 'pending')) return undefined
  for (const { name, check } of open) {
    if (check?.verdict.kind !== 'pending') continue
    const { actor, on, until } = check.verdict
    return { kind: 'wait', task: task.key, check: name, actor, on, until }
  }
  return undefined
}

function actOf(state: State, task: OutlineTask): Extract<Offer, { kind: 'act' }> | undefined {
  const open = openChecks(state, task)
  const found = open.find(({ kind }) => kind === 'broken') ?? open.find(({ kind }) => kind === 'blocked')
  if (!found?.check) return undefined
  const ended = Object.values(taskState(state, task.key).actions).map((action) => action.ended?.at ?? action.startedAt)
  return { kind: 'act', task: task.key, check: found.name, since: Math.max(found.check.at, ...ended) }
}

/** The checks that keep a task from passing; `kind` is absent for one that was not asked yet. */
function openChecks(state: State, task: OutlineTask) {
  const { checks } = taskState(state, task.key)
  return task.checks.flatMap(({ name }) => {
    const check = checks[name]
    const kind: VerdictKind | undefined = check?.verdict.kind
    return isSatisfied(check) ? [] : [{ name, check, kind }]
  })
}
