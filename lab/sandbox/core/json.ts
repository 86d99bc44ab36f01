export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two values are the same JSON: what is undefined in a map is not there. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => equalJson(item, b[at]))
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a).filter((key) => a[key] !== undefined)
  return (
    keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => equalJson(a[key], b[key]))
  )
}

/** The JSON merge patch (RFC 7386) that turns one value into the other; undefined when there is nothing to change. */
export function mergePatch(from: JsonMap, to: JsonMap): JsonMap | undefined {
  const patch: JsonMap = {}
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [from[key], to[key]]
    if (equalJson(before, after)) continue
    if (after === undefined) patch[key] = null
    else if (isMap(before) && isMap(after)) patch[key] = mergePatch(before, after) ?? {}
    else patch[key] = after
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}

/** Applies a JSON merge patch (RFC 7386) without changing what it is given. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const result: JsonMap = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = applyMergePatch(result[key], value)
  }
  return result
}
