import { isMap } from '../core/json.ts'
import type { KubeObject } from '../core/kube-client.ts'
import { groupOf } from '../core/kube-objects.ts'

/** Compact JSON with the keys of every map in order, as Go's encoder writes maps. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sortedJson(item)}`).join(',')}}`
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

/** `group/kind/namespace/name`: how Argo CD tells resources apart and the order of `status.resources`. */
export const resourceKey = (object: KubeObject): string =>
  [groupOf(object), object.kind, object.metadata.namespace ?? '', object.metadata.name ?? ''].join('/')

export const annotation = (object: KubeObject | undefined, name: string): string | undefined =>
  object?.metadata.annotations?.[name]

/** Whether a comma-separated annotation holds an option. */
export const hasOption = (object: KubeObject | undefined, name: string, option: string): boolean =>
  (annotation(object, name) ?? '').split(',').some((part) => part.trim() === option)
