import { activeDrill, drillSnapshot, undoable, whyNoHint, whyNotDrill, whyNotUndo } from './drill.ts'
import type { Event } from './events.ts'
import type { Intent } from './intents.ts'
import { findChecked, findTask } from './outline.ts'
import {
  awaitedActors,
  currentTask,
  evidenceOf,
  foreground,
  isComplete,
  nextTask,
  probeWanted,
  watchedTasks,
} from './select.ts'
import type { State } from './state.ts'
import { isPassed, taskState } from './state.ts'

/** What the session has to do. */
export type Effect =
  | { readonly kind: 'record'; readonly event: Event }
  | { readonly kind: 'perform'; readonly task: string; readonly action: string; readonly run: number }
  | { readonly kind: 'cancel'; readonly run: number }
  | { readonly kind: 'evaluate'; readonly tasks: readonly string[] }
  | { readonly kind: 'nudge'; readonly actors: readonly string[] }
  | { readonly kind: 'probe'; readonly command: 'start' | 'stop' }
  | { readonly kind: 'snapshot'; readonly name: string }
  | { readonly kind: 'restore'; readonly name: string }
  | { readonly kind: 'drill'; readonly drill: string }

export type Decision =
  | { readonly ok: true; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly why: string }

const go = (...effects: readonly Effect[]): Decision => ({ ok: true, effects })
const refuse = (why: string): Decision => ({ ok: false, why })
const record = (event: Event): Effect => ({ kind: 'record', event })
const SNAPSHOT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** What an intent leads to now, or why it cannot be. */
export function decide(state: State, intent: Intent): Decision {
  switch (intent.kind) {
    case 'run':
      return activeDrill(state) ? refuseInDrill(state) : decideRun(state, intent)
    case 'made': {
      if (activeDrill(state)) return refuseInDrill(state)
      const { task, action } = intent
      const kind = findTask(state.outline, task)?.actions.find(({ id }) => id === action)?.kind
      if (kind !== 'edit') return refuse(`${task} has no edit "${action}"`)
      const run = state.lastRun + 1
      return go(
        record({ kind: 'action-started', task, action, run }),
        record({ kind: 'action-ended', task, action, run, outcome: 'ok', code: null }),
      )
    }
    case 'cancel': {
      const running = intent.run === undefined ? foreground(state) : state.running.find(({ run }) => run === intent.run)
      return running ? go({ kind: 'cancel', run: running.run }) : refuse('nothing is running that could be cancelled')
    }
    case 'check': {
      const unknown = intent.tasks.find((key) => !findChecked(state.outline, key))
      if (unknown !== undefined) return refuse(`the course has no task "${unknown}"`)
      return go({ kind: 'evaluate', tasks: intent.tasks.filter((key) => intent.now || !isPassed(state, key)) })
    }
    case 'next': {
      if (activeDrill(state)) return refuseInDrill(state)
      const task = currentTask(state)
      if (!task || isPassed(state, task.key)) return refuse('the course is finished: nothing comes next')
      if (task.kind !== 'look')
        return refuse(`"${task.title}" is not done yet: \`gitops-lab why\` says what is missing`)
      return go(record({ kind: 'task-passed', task: task.key, evidence: [] }))
    }
    case 'enter': {
      if (activeDrill(state)) return refuseInDrill(state)
      if (!findTask(state.outline, intent.task)) return refuse(`the course has no task "${intent.task}"`)
      if (isPassed(state, intent.task)) return refuse(`${intent.task} has passed already`)
      return state.current === intent.task ? go() : go(record({ kind: 'task-entered', task: intent.task }))
    }
    case 'hint': {
      const task = findTask(state.outline, intent.task)
      if (!task) return refuse(`the course has no task "${intent.task}"`)
      if (taskState(state, task.key).hints >= task.hints.length) return refuse(`${task.key} has no further hint`)
      return go(record({ kind: 'hint-revealed', task: task.key }))
    }
    case 'nudge':
      return go({ kind: 'nudge', actors: awaitedActors(state) })
    case 'snapshot':
    case 'restore': {
      if (!SNAPSHOT_NAME.test(intent.name)) {
        return refuse(`"${intent.name}" is no name for a snapshot: letters, digits, ".", "_" and "-", at most 63`)
      }
      const active = activeDrill(state)
      if (active && (intent.kind === 'snapshot' || active.phase === 'injecting')) return refuseInDrill(state)
      const busy = whyBusy(state)
      return busy === undefined ? go({ kind: intent.kind, name: intent.name }) : refuse(busy)
    }
    case 'drill': {
      const why = whyNotDrill(state, intent.drill) ?? whyBusy(state)
      return why === undefined ? go({ kind: 'drill', drill: intent.drill }) : refuse(why)
    }
    case 'drill-hint': {
      const why = whyNoHint(state, intent.drill)
      return why === undefined ? go(record({ kind: 'drill-hint-revealed', drill: intent.drill })) : refuse(why)
    }
    case 'undo-drill': {
      const why = whyNotUndo(state) ?? whyBusy(state)
      const drill = undoable(state)
      if (why !== undefined || drill === undefined) return refuse(why ?? '')
      return go({ kind: 'restore', name: drillSnapshot(drill) }, record({ kind: 'drill-undone', drill }))
    }
    default:
      return exhausted(intent)
  }
}

const refuseInDrill = (state: State): Decision =>
  refuse(
    `the drill ${activeDrill(state)?.drill.id} is under way, and the course stands still: solve it, or take it back`,
  )

const whyBusy = (state: State): string | undefined => {
  const busy = foreground(state)
  return busy && `${busy.task} is running a command: wait for it, or cancel it`
}

function decideRun(state: State, intent: Extract<Intent, { kind: 'run' }>): Decision {
  const task = findTask(state.outline, intent.task)
  if (!task) return refuse(`the course has no task "${intent.task}"`)
  const action = task.actions.find(({ id }) => id === intent.action)
  if (!action) return refuse(`${task.key} has no action "${intent.action}"`)
  if (state.running.some((running) => running.task === task.key && running.action === action.id)) {
    return refuse(`${task.key} ${action.id} is running already`)
  }
  const busy = action.background ? undefined : whyBusy(state)
  if (busy !== undefined) return refuse(busy)
  const run = state.lastRun + 1
  return go(record({ kind: 'action-started', task: task.key, action: action.id, run }), {
    kind: 'perform',
    task: task.key,
    action: action.id,
    run,
  })
}

/**
 * What the state implies but does not say yet: a task whose checks all pass has passed, the learner is at the next
 * one, the probe runs as long as it should. Empty when there is nothing left; carrying it out leads there.
 */
export function consequences(state: State): readonly Effect[] {
  if (state.startedAt === undefined) return []
  const active = activeDrill(state)
  if (active) {
    const { drill, phase } = active
    const evidence = evidenceOf(state, drill)
    return phase === 'running' && isComplete(state, drill)
      ? [record({ kind: 'drill-solved', drill: drill.id, evidence })]
      : []
  }
  const watched = watchedTasks(state)
  const complete = watched.findLastIndex((task) => isComplete(state, task))
  if (complete >= 0) {
    return watched
      .slice(0, complete + 1)
      .map((task) => record({ kind: 'task-passed', task: task.key, evidence: evidenceOf(state, task) }))
  }
  const current = currentTask(state)
  if (!current || isPassed(state, current.key)) {
    const next = nextTask(state)
    if (next) return [record({ kind: 'task-entered', task: next.key })]
  }
  const effects: Effect[] = []
  const wanted = probeWanted(state)
  if (wanted !== state.probe.running) effects.push({ kind: 'probe', command: wanted ? 'start' : 'stop' })
  else if (state.finishedAt === undefined && !nextTask(state)) effects.push(record({ kind: 'finished' }))
  return effects
}

/** The intents that would be carried out now, for whoever offers them: what the footer shows as keys. */
export function validIntents(state: State): readonly Intent[] {
  const task = currentTask(state)
  const candidates: Intent[] = [
    ...(task?.actions.map((action): Intent => ({ kind: 'run', task: task.key, action: action.id })) ?? []),
    ...(task
      ? ([
          { kind: 'check', tasks: [task.key] },
          { kind: 'hint', task: task.key },
        ] satisfies Intent[])
      : []),
    { kind: 'next' },
    ...state.running.map(({ run }): Intent => ({ kind: 'cancel', run })),
    { kind: 'nudge' },
    ...state.outline.drills.flatMap(({ id }): Intent[] => [
      { kind: 'drill', drill: id },
      { kind: 'drill-hint', drill: id },
    ]),
    { kind: 'undo-drill' },
  ]
  return candidates.filter((intent) => decide(state, intent).ok)
}

/** Never reached while the switch is exhaustive, which the compiler proves; an older program may meet a newer client. */
const exhausted = (intent: never): Decision => refuse(`unknown intent ${JSON.stringify(intent)}`)
