import type { KubeObject, Resource } from '../types.ts'
import { apiVersionOf } from './decode-errors.ts'
import type { Json } from './normalize.ts'

/** The same field in core/v1 and in events.k8s.io/v1. */
const EVENT_FIELDS: readonly (readonly [core: string, modern: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]

/** Fields without `omitempty` in core/v1 only. */
const ALWAYS_IN_CORE = ['reportingComponent', 'reportingInstance']

function convertEvent(event: KubeObject, apiVersion: string): KubeObject {
  const toCore = apiVersion === 'v1'
  const result: Json = { ...event, apiVersion }
  for (const [core, modern] of EVENT_FIELDS) {
    const [from, to] = toCore ? [modern, core] : [core, modern]
    if (result[from] !== undefined) result[to] = result[from]
    delete result[from]
  }
  if (toCore) {
    for (const field of ALWAYS_IN_CORE) result[field] ??= ''
    result.source ??= {}
    result.firstTimestamp ??= null
    result.lastTimestamp ??= null
    return result
  }
  for (const field of ['reportingController', 'reportingInstance']) if (result[field] === '') delete result[field]
  if (result.deprecatedSource && Object.keys(result.deprecatedSource).length === 0) delete result.deprecatedSource
  return result
}

const isCpu = (metric: Json): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target?.type === 'Utilization'

const OTHER_METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

/** What version 1 has no field for goes into annotations, as the real server does. */
function autoscalerToV1(object: KubeObject): KubeObject {
  const { metrics = [], behavior, ...spec } = object['spec'] as Json
  const { currentMetrics, conditions: _, ...status } = (object['status'] ?? {}) as Json
  const cpu = metrics.find(isCpu)
  const others = metrics.filter((metric: Json) => metric !== cpu)
  const current = (currentMetrics ?? []).find((metric: Json) => metric.resource?.name === 'cpu')
  const annotations = {
    ...object.metadata.annotations,
    ...(others.length > 0 ? { [OTHER_METRICS]: JSON.stringify(others) } : {}),
    ...(behavior ? { [BEHAVIOR]: JSON.stringify(behavior) } : {}),
  }
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      ...spec,
      ...(cpu ? { targetCPUUtilizationPercentage: cpu.resource.target.averageUtilization } : {}),
    },
    status: {
      ...status,
      ...(current ? { currentCPUUtilizationPercentage: current.resource.current.averageUtilization } : {}),
    },
  }
}

function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = object['spec'] as Json
  const { currentCPUUtilizationPercentage: percentage, ...status } = (object['status'] ?? {}) as Json
  const { [OTHER_METRICS]: others, [BEHAVIOR]: behavior, ...annotations } = object.metadata.annotations ?? {}
  const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization })
  const metrics: Json[] = others ? JSON.parse(others) : []
  if (target !== undefined) {
    metrics.unshift({ type: 'Resource', resource: { name: 'cpu', target: utilization(target) } })
  }
  const { annotations: _, ...metadata } = object.metadata
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      ...spec,
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(behavior ? { behavior: JSON.parse(behavior) } : {}),
    },
    status: {
      ...status,
      currentMetrics:
        percentage === undefined
          ? null
          : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: percentage } } }],
    },
  }
}

/**
 * An object in the version of a resource that shares its store (`storageOf`): the two shapes of events and of
 * autoscalers, and custom resources, whose versions differ in name only. The object itself if nothing is to be done.
 */
export function convert(resource: Resource, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(resource)
  if (object.apiVersion === apiVersion) return object
  if (resource.kind === 'Event' && !resource.custom) return convertEvent(object, apiVersion)
  if (resource.group === 'autoscaling' && !resource.custom) {
    return resource.version === 'v1' ? autoscalerToV1(object) : autoscalerToV2(object)
  }
  return { ...object, apiVersion }
}
