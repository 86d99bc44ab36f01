import type { KubeObject, Resource } from '../../types.ts'
import { badRequest, invalid, invalidValue } from './errors.ts'
import { isObject, type Json } from './values.ts'

type Selector = {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** A selector as text: `app=web,tier in (a,b),!gone`. */
export function selectorText(selector: Selector | undefined): string {
  const equalities = Object.entries(selector?.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const words: Record<string, string> = { In: 'in', NotIn: 'notin' }
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${words[operator] ?? operator} (${[...values].sort().join(',')})`
  })
  return [...equalities, ...others].join(',')
}

const steps = (path: string) => path.split('.').filter((step) => step !== '')

const read = (object: unknown, path: string | undefined): unknown =>
  path === undefined ? undefined : steps(path).reduce((at, step) => (isObject(at) ? at[step] : undefined), object)

function written(object: unknown, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const fields: Json = isObject(object) ? object : {}
  return { ...fields, [step]: written(fields[step], rest, value) }
}

const pathsOf = (resource: Resource) => ({
  replicas: resource.custom?.scale?.specReplicasPath ?? '.spec.replicas',
  status: resource.custom?.scale?.statusReplicasPath ?? '.status.replicas',
})

/** What the `scale` subresource shows of an object. */
export function scaleOf(resource: Resource, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const paths = pathsOf(resource)
  const spec: unknown = object['spec']?.selector
  const isPlainMap = resource.group === '' && isObject(spec)
  const selector = resource.custom
    ? read(object, resource.custom.scale?.labelSelectorPath)
    : selectorText(isPlainMap ? { matchLabels: spec as Record<string, string> } : (spec as Selector))
  const replicas = read(object, paths.replicas)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: read(object, paths.status) ?? 0, ...(selector ? { selector } : {}) },
  }
}

/** An object with the replicas of a Scale. @throws ApiError 400 for a wrong type, 422 for a negative number */
export function withScale(resource: Resource, object: KubeObject, scale: unknown): KubeObject {
  const spec = isObject(scale) && isObject(scale['spec']) ? scale['spec'] : {}
  const replicas = spec['replicas'] ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    const text = `json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${text}`)
  }
  if (replicas < 0) {
    const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')
    throw invalid('Scale', 'autoscaling', object.metadata.name, [error])
  }
  const { resourceVersion, uid } = (isObject(scale) && isObject(scale['metadata']) ? scale['metadata'] : {}) as Json
  const metadata = {
    ...object.metadata,
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
  }
  return written({ ...object, metadata }, steps(pathsOf(resource).replicas), replicas) as KubeObject
}
