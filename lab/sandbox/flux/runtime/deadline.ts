import { setMaxListeners } from 'node:events'
import type { Clock } from '../../core/clock.ts'

/** A signal that is aborted when a time limit passes or the program ends. `cancel` when the work is done. */
export function deadline(
  of: { readonly clock: Clock; readonly signal: AbortSignal },
  ms: number,
): { readonly signal: AbortSignal; cancel(): void } {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const onAbort = () => controller.abort(of.signal.reason)
  if (of.signal.aborted) onAbort()
  of.signal.addEventListener('abort', onAbort, { once: true })
  const timer = of.clock.setTimeout(() => controller.abort(new Error('context deadline exceeded')), ms)
  return {
    signal: controller.signal,
    cancel() {
      timer.cancel()
      of.signal.removeEventListener('abort', onAbort)
    },
  }
}
