import { decide } from '../../../engine/decide.ts'
import { activeDrill } from '../../../engine/drill.ts'
import { awaitedActors } from '../../../engine/select.ts'
import type { Model } from '../model.ts'
import { canUndo, drillView, hasDrills } from './view.ts'

export type DrillAct = 'drills' | 'undo'

type DrillBinding<Act extends string> = {
  readonly act: Act
  readonly key: string
  readonly label?: string
  readonly help: string
}

export const DRILL_KEYS: Readonly<Record<DrillAct, readonly string[]>> = { drills: ['d'], undo: ['u'] }

/** The key that leads to the drills, where there are any to look at. */
export function toDrills({ state }: Model): readonly DrillBinding<'drills'>[] {
  if (!hasDrills(state)) return []
  const active = activeDrill(state) !== undefined
  return [
    {
      act: 'drills',
      key: 'd',
      label: active ? 'drill' : 'drills',
      help: active ? 'to the drill that is under way' : 'faults to find and repair',
    },
  ]
}

/** The keys of the page of drills that do something now. */
export function drillBindings(model: Model): readonly DrillBinding<'hint' | 'why' | 'skip' | 'undo'>[] {
  const { state } = model
  const view = drillView(model)
  const undo = canUndo(model)
    ? [{ act: 'undo', key: 'u', label: 'undo', help: 'put the world back to what it was before the drill' } as const]
    : []
  if (!state || view.kind !== 'running') return undo
  return [
    ...(decide(state, { kind: 'drill-hint', drill: view.drill.id }).ok
      ? [{ act: 'hint', key: 'h', label: 'hint', help: 'show the next hint' } as const]
      : []),
    { act: 'why', key: 'w', label: 'why', help: 'the verdicts in full: expected, found, cause, next' },
    ...(awaitedActors(state).length > 0
      ? [{ act: 'skip', key: 'f', label: 'skip the wait', help: 'make whoever is waited for act now' } as const]
      : []),
    ...undo,
  ]
}
