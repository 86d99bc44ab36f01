import type { KubeObject } from '../../types.ts'
import { isFinished } from './schedule.ts'

// biome-ignore lint/suspicious/noExplicitAny: a pod template, validated by the API server
export type Template = any

export type Revision = { readonly name: string; readonly template: Template }

export type Action =
  | { readonly type: 'create'; readonly ordinal: number; readonly revision: Revision }
  | { readonly type: 'delete'; readonly pod: KubeObject }

export type Revisions = {
  /** What the pods below the partition have, and those that were not updated yet. */
  readonly current: Revision
  /** What the set's template says now. */
  readonly update: Revision
}

type Condition = { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }

export const revisionOf = (pod: KubeObject): string => pod.metadata.labels?.['controller-revision-hash'] ?? ''

export const isReady = (pod: KubeObject): boolean =>
  ((pod['status']?.conditions ?? []) as Condition[]).some(({ type, status }) => type === 'Ready' && status === 'True')

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: KubeObject, minReadySeconds: number, now: number): boolean {
  const conditions = (pod['status']?.conditions ?? []) as Condition[]
  const ready = conditions.find(({ type, status }) => type === 'Ready' && status === 'True')
  return ready !== undefined && now - Date.parse(ready.lastTransitionTime ?? '') >= minReadySeconds * 1000
}

/** `db-3` → 3; undefined for a name that is none of the set's. */
export function ordinalOf(set: KubeObject, pod: KubeObject): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name)
  return match?.[1] === set.metadata.name ? Number(match[2]) : undefined
}

/**
 * The next things to do for a StatefulSet. Unless it is Parallel, one pod at a time: created from the lowest ordinal
 * up, each once those before it are ready; removed and updated from the highest down, each once all others are ready.
 */
export function planStatefulSet(
  set: KubeObject,
  pods: readonly KubeObject[],
  revisions: Revisions,
  now: number,
): Action[] {
  const { replicas = 1, podManagementPolicy, updateStrategy = {}, minReadySeconds = 0, ordinals } = set['spec']
  const parallel = podManagementPolicy === 'Parallel'
  const start: number = ordinals?.start ?? 0
  const partition: number = updateStrategy.rollingUpdate?.partition ?? 0
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]))
  const settled = (pod: KubeObject) => !pod.metadata.deletionTimestamp && isAvailable(pod, minReadySeconds, now)
  const actions: Action[] = []

  for (let ordinal = start; ordinal < start + replicas; ordinal++) {
    const pod = byOrdinal.get(ordinal)
    if (!pod) {
      const revision = ordinal < partition ? revisions.current : revisions.update
      actions.push({ type: 'create', ordinal, revision })
    } else if (isFinished(pod) && !pod.metadata.deletionTimestamp) actions.push({ type: 'delete', pod })
    if (!parallel && (actions.length > 0 || !pod || !settled(pod))) return withStuckUpdate(actions)
  }
  if (actions.length > 0) return actions

  const surplus = [...byOrdinal]
    .filter(([ordinal]) => ordinal < start || ordinal >= start + replicas)
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod)
  for (const pod of surplus) {
    if (!pod.metadata.deletionTimestamp) actions.push({ type: 'delete', pod })
    if (!parallel) return actions
  }
  if (updateStrategy.type === 'OnDelete') return actions

  for (let ordinal = start + replicas - 1; ordinal >= Math.max(start, partition); ordinal--) {
    const pod = byOrdinal.get(ordinal)
    if (!pod) return actions
    if (revisionOf(pod) !== revisions.update.name) {
      if (!pod.metadata.deletionTimestamp) actions.push({ type: 'delete', pod })
      return actions
    }
    if (!settled(pod)) return actions
  }
  return actions

  /** A pod that never gets ready is replaced all the same once the template has changed for it. */
  function withStuckUpdate(planned: Action[]): Action[] {
    if (planned.length > 0 || updateStrategy.type === 'OnDelete') return planned
    const stuck = [...byOrdinal].filter(
      ([ordinal, pod]) => ordinal >= partition && revisionOf(pod) !== revisions.update.name && !isReady(pod),
    )
    const [highest] = stuck.sort(([a], [b]) => b - a)
    return highest && !highest[1].metadata.deletionTimestamp && !isFinished(highest[1])
      ? [{ type: 'delete', pod: highest[1] }]
      : planned
  }
}

/** The pod of an ordinal. */
export function podOf(set: KubeObject, ordinal: number, { name: revision, template }: Revision): KubeObject {
  const name = `${set.metadata.name}-${ordinal}`
  const claims = (set['spec'].volumeClaimTemplates ?? []) as KubeObject[]
  const volumes = claims.map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
  }))
  const others = (template.spec.volumes ?? []).filter(
    (volume: { name: string }) => !volumes.some((claimed) => claimed.name === volume.name),
  )
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: {
        ...template.metadata?.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [ownerOf(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(set['spec'].serviceName ? { subdomain: set['spec'].serviceName } : {}),
      ...(volumes.length + others.length > 0 ? { volumes: [...others, ...volumes] } : {}),
    },
  }
}

export const ownerOf = (owner: KubeObject) => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid as string,
  controller: true,
  blockOwnerDeletion: true,
})

/** The status of a StatefulSet whose pods are these. */
export function statusOf(set: KubeObject, pods: readonly KubeObject[], revisions: Revisions, now: number): object {
  const { replicas = 1, minReadySeconds = 0, updateStrategy = {} } = set['spec']
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp && !isFinished(pod))
  const count = (revision: Revision) => alive.filter((pod) => revisionOf(pod) === revision.name).length
  const ready = alive.filter(isReady).length
  const isUpdated =
    updateStrategy.type !== 'OnDelete' &&
    count(revisions.update) === replicas &&
    ready === replicas &&
    pods.length === replicas
  const current = isUpdated ? revisions.update : revisions.current
  const counted = (field: string, value: number) => (value > 0 ? { [field]: value } : {})
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    ...counted('readyReplicas', ready),
    ...counted('currentReplicas', count(current)),
    ...counted('updatedReplicas', count(revisions.update)),
    currentRevision: current.name,
    updateRevision: revisions.update.name,
    collisionCount: 0,
    availableReplicas: alive.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
  }
}
