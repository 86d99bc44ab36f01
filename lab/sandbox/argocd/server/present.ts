import { isMap, type JsonMap } from '../../core/json.ts'
import type { Application, HealthStatus } from '../application.ts'
import type { ResourceNode } from '../controller/tree.ts'

/** An Application as the API shows it: without kind, with the health of each resource, empty parts filled in. */
export function present(app: Application, nodes: readonly ResourceNode[] = []): JsonMap {
  const { metadata, spec, status, operation } = app
  const keyOf = (r: { group?: string; kind: string; namespace?: string; name?: string }) =>
    `${r.group ?? ''}/${r.kind}/${r.namespace ?? ''}/${r.name ?? ''}`
  const health = new Map(nodes.map((node) => [keyOf(node), node.health] as const))
  const resources = status?.resources?.map((resource) => {
    const known: HealthStatus | undefined = health.get(keyOf(resource))
    return known ? { ...resource, health: known } : resource
  })
  const { managedFields: _, ...shown } = metadata
  return {
    metadata: shown,
    spec,
    status: {
      health: {},
      sync: { status: '' },
      summary: {},
      sourceHydrator: {},
      ...status,
      ...(resources ? { resources } : {}),
    },
    ...(operation ? { operation } : {}),
  }
}

/** Only the named fields: `items.metadata.name,items.status`; with a minus in front, all but these. */
export function selectFields(value: unknown, fields: string | undefined): unknown {
  if (!fields) return value
  const exclude = fields.startsWith('-')
  const paths = (exclude ? fields.slice(1) : fields).split(',').map((path) => path.trim().split('.'))
  return exclude ? paths.reduce(without, value) : only(value, paths)
}

function only(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value
  if (Array.isArray(value)) return value.map((item) => only(item, paths))
  if (!isMap(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const below = paths.filter(([first]) => first === key).map((path) => path.slice(1))
    return below.length > 0 ? [[key, only(item, below)]] : []
  })
  return Object.fromEntries(entries)
}

function without(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, [first ?? '', ...rest]))
  if (!isMap(value) || first === undefined || !(first in value)) return value
  if (rest.length > 0) return { ...value, [first]: without(value[first], rest) }
  const { [first]: _, ...others } = value
  return others
}
