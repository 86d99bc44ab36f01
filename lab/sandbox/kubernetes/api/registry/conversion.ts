import type { KubeObject, Resource } from '../../types.ts'

export const groupVersion = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

type Fields = readonly (readonly [stored: string, shown: string])[]

/** Fields of a core Event and what `events.k8s.io/v1` calls them. */
const EVENT_FIELDS: Fields = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['source', 'deprecatedSource'],
  ['reportingComponent', 'reportingController'],
]

function renamed(object: KubeObject, apiVersion: string, fields: Fields, to: 'stored' | 'shown'): KubeObject {
  const names = new Map(fields.map(([stored, shown]) => (to === 'shown' ? [stored, shown] : [shown, stored])))
  const isShown = ([name, value]: [string, unknown]) => to === 'stored' || value !== '' || !name.startsWith('reporting')
  const entries = Object.entries(object)
    .filter(isShown)
    .map(([name, value]) => [names.get(name) ?? name, value])
  return { ...Object.fromEntries(entries), apiVersion } as KubeObject
}

/** `spec.targetCPUUtilizationPercentage` of autoscaling/v1 is one of the metrics of v2. Other metrics have no field in v1. */
function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = object['spec'] ?? {}
  const { currentCPUUtilizationPercentage: _, ...status } = object['status'] ?? {}
  const metric = { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } }
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: { ...spec, ...(target === undefined ? {} : { metrics: [{ type: 'Resource', resource: metric }] }) },
    status,
  }
}

function autoscalerToV1(object: KubeObject): KubeObject {
  type Metric = { resource?: { name: string; target?: { averageUtilization?: number } } }
  const { metrics = [], behavior: _, ...spec } = object['spec'] ?? {}
  const { currentMetrics: __, conditions: ___, ...status } = object['status'] ?? {}
  const cpu = (metrics as Metric[]).find(({ resource }) => resource?.name === 'cpu')?.resource?.target
    ?.averageUtilization
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
    status,
  }
}

/** An object as a version of its resource shows it. Versions of a CustomResourceDefinition differ in name only. */
export function toVersion(object: KubeObject, resource: Resource): KubeObject {
  const wanted = groupVersion(resource)
  if (object.apiVersion === wanted) return object
  if (resource.plural === 'events') {
    return renamed(object, wanted, EVENT_FIELDS, resource.group === '' ? 'stored' : 'shown')
  }
  if (wanted === 'autoscaling/v2') return autoscalerToV2(object)
  if (wanted === 'autoscaling/v1') return autoscalerToV1(object)
  return { ...object, apiVersion: wanted }
}
