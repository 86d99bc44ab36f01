import { isMap, type JsonMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf } from '../../core/kube-objects.ts'
import type { IgnoreDifference } from '../application.ts'
import { matchesGlob } from '../glob.ts'
import { type Path, parseJqPath, selectPaths, valueAt } from './jq-path.ts'

/** The places in an object that its Application does not want compared. */
export function ignoredPaths(
  object: KubeObject,
  live: KubeObject | undefined,
  rules: readonly IgnoreDifference[],
): Path[] {
  return rules
    .filter((rule) => appliesTo(rule, object))
    .flatMap((rule) => [
      ...(rule.jsonPointers ?? []).map(parsePointer),
      ...(rule.jqPathExpressions ?? []).flatMap((text) => {
        const steps = parseJqPath(text)
        return [object, live].flatMap((value) => (value ? selectPaths(value, steps) : []))
      }),
      ...(rule.managedFieldsManagers ?? []).flatMap((manager) => ownedBy(live ?? object, manager)),
    ])
}

function appliesTo(rule: IgnoreDifference, object: KubeObject): boolean {
  if (!matchesGlob(rule.group ?? '', groupOf(object)) || !matchesGlob(rule.kind, object.kind)) return false
  if (rule.name && rule.name !== object.metadata.name) return false
  return !rule.namespace || rule.namespace === object.metadata.namespace
}

/** A JSON pointer (RFC 6901) as steps. */
export const parsePointer = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'))

/** The object without what is at some places. */
export const withoutPaths = (object: KubeObject, paths: readonly Path[]): KubeObject =>
  byDepth(paths).reduce<unknown>((value, path) => removeAt(value, path), object) as KubeObject

/** Later items of a list are taken away first, so that the indices of the others stay true. */
const byDepth = (paths: readonly Path[]): Path[] =>
  [...paths].sort((a, b) => (a.join('/') < b.join('/') ? 1 : -1)).filter((path) => path.length > 0)

function removeAt(value: unknown, [step, ...rest]: Path): unknown {
  if (Array.isArray(value)) {
    const at = Number(step)
    if (!(at in value)) return value
    return rest.length === 0 ? value.toSpliced(at, 1) : value.with(at, removeAt(value[at], rest))
  }
  if (!isMap(value) || step === undefined || !(step in value)) return value
  if (rest.length > 0) return { ...value, [step]: removeAt(value[step], rest) }
  const { [step]: _, ...others } = value
  return others
}

/** The target with what live has at the ignored places: what `RespectIgnoreDifferences` applies. */
export function keepIgnored(target: KubeObject, live: KubeObject, paths: readonly Path[]): KubeObject {
  return paths.reduce<unknown>((value, path) => {
    const kept = valueAt(live, path)
    return kept === undefined ? removeAt(value, path) : setAt(value, path, kept)
  }, target) as KubeObject
}

function setAt(value: unknown, [step, ...rest]: Path, item: unknown): unknown {
  if (step === undefined) return item
  if (Array.isArray(value))
    return Number(step) in value ? value.with(Number(step), setAt(value[Number(step)], rest, item)) : value
  const map: JsonMap = isMap(value) ? value : {}
  return { ...map, [step]: setAt(map[step], rest, item) }
}

/** The leaves that a field manager owns, from the object's managed fields. */
function ownedBy(object: KubeObject, manager: string): Path[] {
  return (object.metadata.managedFields ?? [])
    .filter((entry) => entry.manager === manager)
    .flatMap((entry) => leaves(entry.fieldsV1 ?? {}, object, []))
}

function leaves(fields: Record<string, unknown>, value: unknown, path: Path): Path[] {
  const below = Object.entries(fields).filter(([key]) => key !== '.')
  if (below.length === 0) return [path]
  return below.flatMap(([key, inner]) => {
    const step = stepOf(key, value)
    if (step === undefined) return []
    const next = Array.isArray(value) ? value[Number(step)] : isMap(value) ? value[step] : undefined
    return leaves(isMap(inner) ? inner : {}, next, [...path, step])
  })
}

/** `f:name` is a field, `k:{…}` an item by its keys, `v:…` an item of a set, `i:n` an index. */
function stepOf(key: string, value: unknown): string | undefined {
  const [kind, rest] = [key.slice(0, 2), key.slice(2)]
  if (kind === 'f:') return rest
  if (kind === 'i:') return rest
  if (!Array.isArray(value)) return undefined
  const wanted: unknown = JSON.parse(rest)
  const at = value.findIndex((item) =>
    kind === 'v:'
      ? item === wanted
      : isMap(item) && isMap(wanted) && Object.entries(wanted).every(([k, v]) => item[k] === v),
  )
  return at < 0 ? undefined : String(at)
}
