import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import type { HealthStatus } from '../application.ts'
import { healthOf } from '../health/health.ts'
import { compact, sortedJson } from '../json.ts'
import { externalUrls } from '../summary.ts'
import type { ClusterCache } from './cluster-cache.ts'
import type { ManagedResource } from './compare.ts'
import { podInfo } from './pod-info.ts'

type Reference = { group?: string; version: string; kind: string; namespace?: string; name: string; uid?: string }

export type ResourceNode = Reference & {
  parentRefs?: Reference[]
  info?: { name: string; value: string }[]
  networkingInfo?: { externalURLs?: string[]; targetLabels?: Record<string, string> }
  images?: string[]
  health?: HealthStatus
  createdAt?: string
  resourceVersion?: string
}

/** What `GET /applications/{name}/managed-resources` tells of one resource: objects are JSON texts. */
export type ManagedResourceItem = {
  group?: string
  kind: string
  namespace?: string
  name: string
  targetState: string
  liveState: string
  normalizedLiveState: string
  predictedLiveState: string
  resourceVersion?: string
  hook?: boolean
}

const referenceTo = (object: KubeObject): Reference =>
  compact({
    group: groupOf(object),
    version: versionOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
  })

/** The resources of an Application with everything that they own, down to the pods. */
export function resourceTree(resources: readonly ManagedResource[], cache: ClusterCache): ResourceNode[] {
  return resources.flatMap(({ target, live }): ResourceNode[] => {
    if (live) return descend(live, undefined, cache)
    return target ? [{ ...referenceTo(target), health: { status: 'Missing' } }] : []
  })
}

/** An object and all that it owns, directly or not. */
export function* family(object: KubeObject, cache: ClusterCache): Generator<KubeObject> {
  yield object
  for (const child of cache.childrenOf(object.metadata.uid)) yield* family(child, cache)
}

function descend(object: KubeObject, parent: KubeObject | undefined, cache: ClusterCache): ResourceNode[] {
  const children = cache.childrenOf(object.metadata.uid).flatMap((child) => descend(child, object, cache))
  return [nodeOf(object, parent), ...children]
}

function nodeOf(object: KubeObject, parent: KubeObject | undefined): ResourceNode {
  const health = healthOf(object)
  const { info, images } = object.kind === 'Pod' ? podInfo(object) : { info: revisionInfo(object), images: [] }
  const urls = externalUrls(object)
  return compact({
    ...referenceTo(object),
    parentRefs: parent ? [referenceTo(parent)] : [],
    info,
    images,
    ...(urls.length > 0 ? { networkingInfo: { externalURLs: urls } } : {}),
    ...(health ? { health: compact(health) } : {}),
    createdAt: object.metadata.creationTimestamp ?? '',
    resourceVersion: object.metadata.resourceVersion ?? '',
  })
}

function revisionInfo(object: KubeObject): { name: string; value: string }[] {
  const revision = object.metadata.annotations?.['deployment.kubernetes.io/revision']
  return revision ? [{ name: 'Revision', value: `Rev:${revision}` }] : []
}

export function managedResourceItem({ target, live, diff }: ManagedResource): ManagedResourceItem {
  const object = (live ?? target) as KubeObject
  const show = (value: KubeObject | undefined) => (value ? sortedJson(withoutSecrets(value)) : 'null')
  return compact({
    group: groupOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    targetState: show(target),
    liveState: show(live && withoutManagedFields(live)),
    normalizedLiveState: show(diff?.normalizedLive ?? (live && withoutManagedFields(live))),
    predictedLiveState: show(diff?.predictedLive ?? target),
    resourceVersion: live?.metadata.resourceVersion ?? '',
  })
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Values of Secrets are never shown; a plus sign for each, as Argo CD masks them. */
function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || groupOf(object) !== '') return object
  const mask = (values: object) => Object.fromEntries(Object.keys(values).map((key) => [key, '++++++++']))
  const { annotations, ...metadata } = object.metadata
  const { stringData, data, ...rest } = object
  return {
    ...rest,
    metadata: annotations ? { ...metadata, annotations: withoutLastApplied(annotations) } : metadata,
    ...(data ? { data: mask(data) } : {}),
    ...(stringData ? { stringData: mask(stringData) } : {}),
  } as KubeObject
}

function withoutLastApplied(annotations: Record<string, string>): Record<string, string> {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...others } = annotations
  return others
}
