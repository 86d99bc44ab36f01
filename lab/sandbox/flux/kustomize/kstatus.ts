import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf } from '../../core/kube-objects.ts'

/** What kstatus makes of an object. */
export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound'

type Condition = { readonly type: string; readonly status: string; readonly reason?: string }

const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
  ((object['status']?.conditions ?? []) as Condition[]).find((condition) => condition.type === type)

const isTrue = (object: KubeObject, type: string): boolean => conditionOf(object, type)?.status === 'True'

/** The status of an object by the rules of kstatus: of its kind, else by its conditions. */
export function statusOf(object: KubeObject): KStatus {
  if (object.metadata.deletionTimestamp) return 'Terminating'
  const { generation } = object.metadata
  const observed = object['status']?.observedGeneration
  if (observed !== undefined && generation !== undefined && observed !== generation) return 'InProgress'
  if (isTrue(object, 'Reconciling')) return 'InProgress'
  if (isTrue(object, 'Stalled')) return 'Failed'
  const rule = RULES[`${groupOf(object)}/${object.kind}`]
  if (rule) return rule(object)
  const ready = conditionOf(object, 'Ready')
  return !ready || ready.status === 'True' ? 'Current' : 'InProgress'
}

const when = (ready: boolean): KStatus => (ready ? 'Current' : 'InProgress')

function deployment(object: KubeObject): KStatus {
  const { spec, status = {} } = object
  const progressing = conditionOf(object, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'Failed'
  const wanted: number = spec?.replicas ?? 1
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  if (replicas < wanted || updatedReplicas < wanted || replicas > updatedReplicas) return 'InProgress'
  if (availableReplicas < updatedReplicas || readyReplicas < wanted) return 'InProgress'
  const rolledOut = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable'
  return when(rolledOut && isTrue(object, 'Available'))
}

function statefulSet({ spec, status = {} }: KubeObject): KStatus {
  if (spec?.updateStrategy?.type === 'OnDelete') return 'Current'
  const wanted: number = spec?.replicas ?? 1
  const { replicas = 0, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0 } = status
  if (replicas < wanted || readyReplicas < wanted || replicas > wanted) return 'InProgress'
  const partition: number = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  if (partition > 0) return when(updatedReplicas >= wanted - partition)
  return when(currentReplicas >= wanted && status.currentRevision === status.updateRevision)
}

function daemonSet({ spec, status = {} }: KubeObject): KStatus {
  if (spec?.updateStrategy?.type === 'OnDelete') return 'Current'
  if (status.observedGeneration === undefined) return 'InProgress'
  const { desiredNumberScheduled = 0, currentNumberScheduled = 0, updatedNumberScheduled = 0 } = status
  const { numberAvailable = 0, numberReady = 0 } = status
  const lowest = Math.min(currentNumberScheduled, updatedNumberScheduled, numberAvailable, numberReady)
  return when(lowest >= desiredNumberScheduled)
}

function replicaSet(object: KubeObject): KStatus {
  if (isTrue(object, 'ReplicaFailure')) return 'InProgress'
  const { spec, status = {} } = object
  const wanted: number = spec?.replicas ?? 1
  const { replicas = 0, fullyLabeledReplicas = 0, availableReplicas = 0, readyReplicas = 0 } = status
  return when(replicas === wanted && Math.min(fullyLabeledReplicas, availableReplicas, readyReplicas) >= wanted)
}

function pod(object: KubeObject): KStatus {
  const { phase, containerStatuses = [] } = object['status'] ?? {}
  if (phase === 'Succeeded') return 'Current'
  if (phase === 'Failed') return 'Failed'
  if (phase === 'Running' && isTrue(object, 'Ready')) return 'Current'
  const crashes = (containerStatuses as { state?: { waiting?: { reason?: string } } }[]).some(
    ({ state }) => state?.waiting?.reason === 'CrashLoopBackOff',
  )
  return crashes ? 'Failed' : 'InProgress'
}

function job(object: KubeObject): KStatus {
  if (isTrue(object, 'Failed')) return 'Failed'
  return when(isTrue(object, 'Complete') || isTrue(object, 'Suspended'))
}

function customResourceDefinition(object: KubeObject): KStatus {
  if (conditionOf(object, 'NamesAccepted')?.status === 'False') return 'Failed'
  return when(isTrue(object, 'Established'))
}

const RULES: Readonly<Record<string, (object: KubeObject) => KStatus>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  '/Pod': pod,
  'batch/Job': job,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
  '/PersistentVolumeClaim': ({ status }) => when(status?.phase === 'Bound'),
  '/Service': ({ spec, status }) =>
    when(spec?.type !== 'LoadBalancer' || (status?.loadBalancer?.ingress?.length ?? 0) > 0),
}
