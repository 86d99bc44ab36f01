import { foreground } from '../../engine/select.ts'
import type { Model } from './model.ts'

/** How long until the screen changes by time alone: spinners four times a second, times and countdowns each second. */
export function nextTick({ state, link, waiting }: Model): number {
  const turning = link.kind === 'starting' || link.kind === 'looking' || waiting !== undefined
  return turning || (state !== undefined && foreground(state) !== undefined) ? 250 : 1000
}
