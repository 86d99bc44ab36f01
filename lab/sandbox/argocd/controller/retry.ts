import type { RetryStrategy } from '../application.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A Go duration (`5s`, `1m30s`) in milliseconds; undefined when the text is none. A bare number counts seconds. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit as string] as number), 0)
}

/** Milliseconds before the retry that follows so many others: 5 s, doubled each time, at most 3 minutes by default. */
export function retryDelay(strategy: RetryStrategy, retries: number): number {
  const { duration = '', factor = 2, maxDuration = '' } = strategy.backoff ?? {}
  const first = parseDuration(duration) ?? 5000
  return Math.min(first * factor ** retries, parseDuration(maxDuration) ?? 180_000)
}

/** `8:51AM`: Go's time.Kitchen, in UTC. */
export function kitchenTime(ms: number): string {
  const date = new Date(ms)
  const hours = date.getUTCHours()
  return `${hours % 12 || 12}:${String(date.getUTCMinutes()).padStart(2, '0')}${hours < 12 ? 'AM' : 'PM'}`
}
