import type { Event } from './events.ts'
import { LabError } from './lab-error.ts'
import { drillKey, type Outline, type OutlineDrill, stepOf } from './outline.ts'
import { type DrillState, isPassed, type State } from './state.ts'
import { didYouMean } from './suggest.ts'

export type DrillEvent = Extract<Event, { drill: string }>

/** The name of the snapshot that a drill begins with. */
export const drillSnapshot = (name: string): string => `drill-${name}`

export const findDrill = (outline: Outline, name: string): OutlineDrill | undefined =>
  outline.drills.find(({ id }) => id === name)

/** The drill that the world belongs to now: its fault is in it, or on the way. The course stands still meanwhile. */
export function activeDrill(state: State): (DrillState & { readonly drill: OutlineDrill }) | undefined {
  for (const drill of state.outline.drills) {
    const attempt = state.drills[drill.id]
    if (attempt && ['injecting', 'interrupted', 'running'].includes(attempt.phase)) return { ...attempt, drill }
  }
  return undefined
}

/** @throws LabError while a drill is under way: the course stands still meanwhile. */
export function refuseDuringDrill(state: State): void {
  const active = activeDrill(state)
  if (!active) return
  throw new LabError({
    found: `the drill ${active.drill.id} is under way, and the course stands still meanwhile`,
    next: 'Solve it, or take it back: `gitops-lab drill --undo`',
  })
}

/** The drill that `undo-drill` takes back: the active one, else the latest one that was solved. */
export function undoable(state: State): string | undefined {
  const solved = Object.entries(state.drills)
    .filter(([, { phase }]) => phase === 'solved')
    .sort(([, a], [, b]) => b.startedAt - a.startedAt)
  return activeDrill(state)?.drill.id ?? solved[0]?.[0]
}

export function unknownDrill(outline: Outline, name: string): string {
  const names = outline.drills.map(({ id }) => id)
  return `unknown drill "${name}"${didYouMean(name, names)} (\`gitops-lab drill\` lists them)`
}

/** Why a drill cannot begin now; undefined when it can. */
export function whyNotDrill(state: State, name: string): string | undefined {
  const { outline } = state
  const drill = findDrill(outline, name)
  if (!drill) return unknownDrill(outline, name)
  const active = activeDrill(state)
  if (active)
    return `the drill ${active.drill.id} is under way: solve it, or take it back by \`gitops-lab drill --undo\``
  if (!isPassed(state, drill.needs)) {
    return `the drill ${name} needs ${drill.needs}, which has not passed: do step ${stepOf(outline, drill.needs)?.name} first`
  }
  if (state.probe.running) return 'requests are being counted, and a drill would cost some: finish this step first'
  return undefined
}

/** Why there is nothing to take back now; undefined when there is. */
export function whyNotUndo(state: State): string | undefined {
  if (activeDrill(state)?.phase === 'injecting') return 'the drill is just being prepared: wait until it has begun'
  return undoable(state) === undefined ? 'no drill is under way, and none was solved: nothing to take back' : undefined
}

/** Why a drill has no hint to reveal; undefined when it has. */
export function whyNoHint(state: State, name: string): string | undefined {
  const drill = findDrill(state.outline, name)
  const attempt = state.drills[name]
  if (!drill || attempt?.phase !== 'running') return `the drill ${name} is not under way`
  return attempt.hints >= drill.hints.length ? `the drill ${name} has no further hint` : undefined
}

/** The state after an event of a drill. */
export function reduceDrill(state: State, at: number, event: DrillEvent): State {
  const before = state.drills[event.drill]
  const key = drillKey(event.drill)
  switch (event.kind) {
    case 'drill-started': {
      const { [key]: _, ...tasks } = state.tasks
      const attempt = { phase: 'injecting', startedAt: at, hints: 0, best: before?.best } as const
      return withDrill({ ...state, tasks }, event.drill, attempt)
    }
    case 'drill-injected':
      return before ? withDrill(state, event.drill, { ...before, phase: 'running', startedAt: at }) : state
    case 'drill-hint-revealed':
      return before ? withDrill(state, event.drill, { ...before, hints: before.hints + 1 }) : state
    case 'drill-solved': {
      if (!before) return state
      // Clocks are set back.
      const solvedAt = Math.max(at, before.startedAt)
      const best = Math.min(before.best ?? Number.POSITIVE_INFINITY, solvedAt - before.startedAt)
      return withDrill(state, event.drill, { ...before, phase: 'solved', solvedAt, best })
    }
    case 'drill-undone':
      return before ? withDrill(state, event.drill, { ...before, phase: 'undone' }) : state
  }
}

/** The state in which the world is no longer the one of the active drill, for another one was put in its place. */
export const leaveDrill = (state: State, phase: 'undone' | 'interrupted'): State => {
  const active = activeDrill(state)
  if (!active || (phase === 'interrupted' && active.phase !== 'injecting')) return state
  const { drill, ...attempt } = active
  return withDrill(state, drill.id, { ...attempt, phase })
}

const withDrill = (state: State, name: string, attempt: DrillState): State => ({
  ...state,
  drills: { ...state.drills, [name]: attempt },
})

/** A drill as `drill --json` lists it. Times in milliseconds. */
export type DrillRow = {
  readonly name: string
  readonly title: string
  readonly state: 'new' | 'running' | 'solved'
  readonly symptom?: string
  readonly startedAt?: string
  readonly tookMs?: number
  readonly bestMs?: number
  readonly hints: { readonly shown: number; readonly total: number }
  /** The task that has to pass first, if it has not. */
  readonly needs?: string
}

/** All drills, in the course's order. A symptom is told of the one that is under way. */
export const drillRows = (state: State): readonly DrillRow[] =>
  state.outline.drills.map((drill): DrillRow => {
    const attempt = state.drills[drill.id]
    const running = activeDrill(state)?.drill.id === drill.id
    return {
      name: drill.id,
      title: drill.title,
      state: running ? 'running' : attempt?.best === undefined ? 'new' : 'solved',
      symptom: running ? drill.symptom : undefined,
      startedAt: running && attempt ? new Date(attempt.startedAt).toISOString() : undefined,
      tookMs: attempt?.phase === 'solved' ? tookOf(attempt) : undefined,
      bestMs: attempt?.best,
      hints: { shown: attempt?.hints ?? 0, total: drill.hints.length },
      needs: isPassed(state, drill.needs) ? undefined : drill.needs,
    }
  })

/** How long the solved attempt took, in milliseconds. */
export const tookOf = ({ startedAt, solvedAt }: DrillState): number | undefined =>
  solvedAt === undefined ? undefined : solvedAt - startedAt
