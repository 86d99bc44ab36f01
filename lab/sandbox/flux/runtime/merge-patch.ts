import { isDeepStrictEqual } from 'node:util'

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The merge patch (RFC 7386) that leads from one object to another; undefined when they are equal. */
export function mergePatchOf(before: Fields, after: Fields): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(before)) {
    if (after[key] === undefined && before[key] !== undefined) patch[key] = null
  }
  for (const [key, value] of Object.entries(after)) {
    const old = before[key]
    if (value === undefined || isDeepStrictEqual(old, value)) continue
    patch[key] = isObject(old) && isObject(value) ? mergePatchOf(old, value) : value
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}
