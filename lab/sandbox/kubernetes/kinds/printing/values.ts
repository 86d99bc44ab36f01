import type { Json } from '../normalize.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** A duration in milliseconds as kubectl shows ages: `45s`, `3m10s`, `5h`, `2d3h`, `1y20d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * MINUTE) return `${seconds}s`
  const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`
  const minutes = Math.trunc(seconds / MINUTE)
  if (minutes < 10) return two(minutes, 'm', seconds % MINUTE, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(seconds / HOUR)
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(seconds / DAY)
  if (hours < 192) return two(days, 'd', hours % 24, 'h')
  if (seconds < 2 * YEAR) return `${days}d`
  const years = Math.trunc(seconds / YEAR)
  return seconds < 8 * YEAR ? two(years, 'y', days % 365, 'd') : `${years}y`
}

/** How long ago a time was; `<unknown>` without one. */
export function since(time: string | undefined | null, now: number): string {
  const at = time ? Date.parse(time) : Number.NaN
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now - at)
}

export const ageOf = ({ metadata }: Json, now: number): string => since(metadata.creationTimestamp, now)

export const orNone = (value: string | undefined | null): string => value || '<none>'

/** Go shows a missing selector and an empty one alike. */
export function selectorText(selector: Json): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values }: Json) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`
  })
  const all = [...equal.sort(), ...others]
  return all.length > 0 ? all.join(',') : '<none>'
}

export const labelsText = (labels: Json): string => selectorText({ matchLabels: labels })

/** Names and images of the containers of a pod template. */
export function containersText(spec: Json): [names: string, images: string] {
  const containers: Json[] = spec?.containers ?? []
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image).join(',')]
}

/** The first few of a list, and how many more there are. */
export function shortened(items: readonly string[], limit = 3): string {
  if (items.length === 0) return '<none>'
  const shown = items.slice(0, limit).join(',')
  return items.length > limit ? `${shown} + ${items.length - limit} more...` : shown
}
