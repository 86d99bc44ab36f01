import type { KubeObject } from '../core/kube-client.ts'

export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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

/** Compact JSON with the keys of every map in order, as Go's encoder writes maps. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sortedJson(item)}`).join(',')}}`
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

/** A map without its undefined, empty and false fields and empty lists: what Go's `omitempty` leaves. */
export function compact<T>(value: T): T {
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, item]) => item !== undefined && item !== '' && item !== false && !(Array.isArray(item) && item.length === 0),
    ),
  ) as T
}

export const groupOf = (object: { apiVersion: string }): string =>
  object.apiVersion.includes('/') ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : ''

export const versionOf = (object: { apiVersion: string }): string =>
  object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)

/** `group/kind/namespace/name`: how Argo CD tells resources apart and the order of `status.resources`. */
export const resourceKey = (object: KubeObject): string =>
  [groupOf(object), object.kind, object.metadata.namespace ?? '', object.metadata.name ?? ''].join('/')

export const annotation = (object: KubeObject | undefined, name: string): string | undefined =>
  object?.metadata.annotations?.[name]

/** Whether a comma-separated annotation holds an option. */
export const hasOption = (object: KubeObject | undefined, name: string, option: string): boolean =>
  (annotation(object, name) ?? '').split(',').some((part) => part.trim() === option)

/** Time as Kubernetes writes it: UTC, whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
