import { parseDuration } from '../../core/duration.ts'
import type { RetryStrategy } from '../application.ts'

/** A duration (`5s`, `1m30s`) in milliseconds; undefined when the text is none. A bare number counts seconds. */
export function durationOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}

/** Milliseconds before the retry that follows so many others: 5 s, doubled each time, at most 3 minutes by default. */
export function retryDelay(strategy: RetryStrategy, retries: number): number {
  const { duration = '', factor = 2, maxDuration = '' } = strategy.backoff ?? {}
  const first = durationOf(duration) ?? 5000
  return Math.min(first * factor ** retries, durationOf(maxDuration) ?? 180_000)
}

/** `8:51AM`: Go's time.Kitchen, in UTC. */
export function kitchenTime(ms: number): string {
  const date = new Date(ms)
  const hours = date.getUTCHours()
  return `${hours % 12 || 12}:${String(date.getUTCMinutes()).padStart(2, '0')}${hours < 12 ? 'AM' : 'PM'}`
}
