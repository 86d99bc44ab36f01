import type { Clock } from '../core/clock.ts'

/** How many requests that were not made may be made up for at once. */
const SLACK = 10

/** Resolves when the next request may be sent, of so many a second. Rejects when the signal is aborted. */
export function rateLimit(clock: Clock, perSecond: number, signal: AbortSignal): () => Promise<void> {
  const gap = 1000 / perSecond
  let latest: number | undefined
  return async () => {
    const now = clock.now()
    latest = latest === undefined ? now : Math.max(latest + gap, now - SLACK * gap)
    if (latest > now) await clock.sleep(latest - now, signal)
  }
}
