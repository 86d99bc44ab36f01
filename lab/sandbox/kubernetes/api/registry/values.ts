/** A JSON object. */
export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two JSON values are the same; an absent field equals one that is undefined. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => equal(item, b[at]))
  }
  if (!isObject(a) || !isObject(b)) return false
  for (const key in a) if (a[key] !== undefined && !equal(a[key], b[key])) return false
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false
  return true
}

/** A deep copy of a JSON value. */
export function clone<T>(value: T): T {
  if (Array.isArray(value)) return value.map(clone) as T
  if (!isObject(value)) return value
  const copy: Json = {}
  for (const key in value) if (value[key] !== undefined) copy[key] = clone(value[key])
  return copy as T
}

/** RFC 3339 in UTC, in whole seconds, as metav1.Time is written. */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** What `generateName` appends: letters that form no words. */
export const randomSuffix = (length = 5): string =>
  Array.from({ length }, () => SUFFIX_LETTERS[Math.floor(Math.random() * SUFFIX_LETTERS.length)]).join('')
