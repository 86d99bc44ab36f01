import { clone, isObject, type Json } from '../registry/values.ts'

/** RFC 7386 on a copy of `document`. */
export function mergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return clone(patch)
  const result: Json = isObject(document) ? { ...document } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}
