import { activeDrill, whyNotUndo } from '../../../engine/drill.ts'
import type { OutlineDrill } from '../../../engine/outline.ts'
import type { DrillState, State } from '../../../engine/state.ts'
import type { Model } from '../model.ts'

/** What the page of drills is about now. */
export type DrillView =
  | { readonly kind: 'list' }
  /** The world is saved, and the fault put into it. */
  | { readonly kind: 'beginning'; readonly drill: OutlineDrill; readonly since: number }
  /** The background process ended meanwhile: all that is left is to put the world back. */
  | { readonly kind: 'interrupted'; readonly drill: OutlineDrill }
  | { readonly kind: 'running' | 'solved'; readonly drill: OutlineDrill; readonly attempt: DrillState }
  | { readonly kind: 'undoing'; readonly since: number }

/** What the page of drills shows, by the state of the lab first and by what was asked of it second. */
export function drillView({ state, drills, waiting, now }: Model): DrillView {
  if (!state) return { kind: 'list' }
  const since = drills.since ?? now
  if (waiting === 'undo-drill') return { kind: 'undoing', since }
  const active = activeDrill(state)
  if (active?.phase === 'running') return { kind: 'running', drill: active.drill, attempt: active }
  if (active?.phase === 'interrupted') return { kind: 'interrupted', drill: active.drill }
  if (active) return { kind: 'beginning', drill: active.drill, since: drills.since ?? active.startedAt }
  const chosen = state.outline.drills[drills.at]
  if (waiting === 'drill' && chosen) return { kind: 'beginning', drill: chosen, since }
  const solved = state.outline.drills.find(({ id }) => id === drills.solved)
  const attempt = solved && state.drills[solved.id]
  return solved && attempt ? { kind: 'solved', drill: solved, attempt } : { kind: 'list' }
}

/** Whether the page of drills can be looked at: after the course, and while one is under way. */
export const hasDrills = (state: State | undefined): state is State =>
  state !== undefined &&
  state.outline.drills.length > 0 &&
  (state.finishedAt !== undefined || activeDrill(state) !== undefined)

/** Whether there is a world to put back. */
export const canUndo = ({ state, waiting }: Model): boolean =>
  state !== undefined && waiting !== 'drill' && waiting !== 'undo-drill' && whyNotUndo(state) === undefined
