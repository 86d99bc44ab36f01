import type { KubeObject } from '../../core/kube-client.ts'
import type { HealthStatus } from '../application.ts'

type WorkloadCondition = { type: string; status: string; reason?: string; message?: string }

const conditionOf = (object: KubeObject, type: string): WorkloadCondition | undefined =>
  (object['status']?.conditions ?? []).find((condition: WorkloadCondition) => condition.type === type)

const isStale = (object: KubeObject): boolean =>
  (object.metadata.generation ?? 0) > (object['status']?.observedGeneration ?? 0)

const progressing = (message: string): HealthStatus => ({ status: 'Progressing', message })

export function deploymentHealth(deployment: KubeObject): HealthStatus {
  const status = deployment['status'] ?? {}
  if (deployment['spec']?.paused) return { status: 'Suspended', message: 'Deployment is paused' }
  if (isStale(deployment))
    return progressing('Waiting for rollout to finish: observed deployment generation less than desired generation')
  if (conditionOf(deployment, 'Progressing')?.reason === 'ProgressDeadlineExceeded')
    return {
      status: 'Degraded',
      message: `Deployment "${deployment.metadata.name}" exceeded its progress deadline`,
    }
  const [updated, replicas, available] = [
    status.updatedReplicas ?? 0,
    status.replicas ?? 0,
    status.availableReplicas ?? 0,
  ]
  const wanted = deployment['spec']?.replicas
  if (wanted !== undefined && updated < wanted)
    return progressing(`Waiting for rollout to finish: ${updated} out of ${wanted} new replicas have been updated...`)
  if (replicas > updated)
    return progressing(`Waiting for rollout to finish: ${replicas - updated} old replicas are pending termination...`)
  if (available < updated)
    return progressing(`Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`)
  return { status: 'Healthy' }
}

export function replicaSetHealth(set: KubeObject): HealthStatus {
  const failure = conditionOf(set, 'ReplicaFailure')
  if (isStale(set))
    return progressing('Waiting for rollout to finish: observed replica set generation less than desired generation')
  if (failure?.status === 'True') return { status: 'Degraded', message: failure.message ?? '' }
  const [wanted, available] = [set['spec']?.replicas, set['status']?.availableReplicas ?? 0]
  if (wanted !== undefined && available < wanted)
    return progressing(`Waiting for rollout to finish: ${available} out of ${wanted} new replicas are available...`)
  return { status: 'Healthy' }
}

export function statefulSetHealth(set: KubeObject): HealthStatus {
  const { spec = {}, status = {} } = set
  if (!status.observedGeneration || isStale(set))
    return progressing('Waiting for statefulset spec update to be observed...')
  const [ready, updated] = [status.readyReplicas ?? 0, status.updatedReplicas ?? 0]
  if (spec.replicas !== undefined && ready < spec.replicas)
    return progressing(`Waiting for ${spec.replicas - ready} pods to be ready...`)
  const partition = spec.updateStrategy?.rollingUpdate?.partition
  if (spec.updateStrategy?.type === 'RollingUpdate' && partition) {
    if (updated < spec.replicas - partition)
      return progressing(
        `Waiting for partitioned roll out to finish: ${updated} out of ${spec.replicas - partition} new pods have been updated...`,
      )
    return { status: 'Healthy', message: `partitioned roll out complete: ${updated} new pods have been updated...` }
  }
  if (spec.updateStrategy?.type === 'OnDelete')
    return { status: 'Healthy', message: `statefulset has ${ready} ready pods` }
  if (status.updateRevision !== status.currentRevision)
    return progressing(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${status.updateRevision}...`,
    )
  return {
    status: 'Healthy',
    message: `statefulset rolling update complete ${status.currentReplicas ?? 0} pods at revision ${status.currentRevision}...`,
  }
}

export function daemonSetHealth(set: KubeObject): HealthStatus {
  const { spec = {}, status = {} } = set
  if (isStale(set))
    return progressing('Waiting for rollout to finish: observed daemon set generation less than desired generation')
  const [updated, wanted, available] = [
    status.updatedNumberScheduled ?? 0,
    status.desiredNumberScheduled ?? 0,
    status.numberAvailable ?? 0,
  ]
  if (spec.updateStrategy?.type === 'OnDelete')
    return { status: 'Healthy', message: `daemon set ${updated} out of ${wanted} new pods have been updated` }
  if (updated < wanted)
    return progressing(
      `Waiting for daemon set "${set.metadata.name}" rollout to finish: ${updated} out of ${wanted} new pods have been updated...`,
    )
  if (available < wanted)
    return progressing(
      `Waiting for daemon set "${set.metadata.name}" rollout to finish: ${available} of ${wanted} updated pods are available...`,
    )
  return { status: 'Healthy' }
}

export function jobHealth(job: KubeObject): HealthStatus {
  const conditions: WorkloadCondition[] = job['status']?.conditions ?? []
  const done = (type: string) => conditions.find((c) => c.type === type && c.status === 'True')
  const failed = done('Failed')
  if (failed) return { status: 'Degraded', message: failed.message ?? '' }
  const complete = done('Complete')
  if (complete) return { status: 'Healthy', message: complete.message ?? '' }
  const suspended = done('Suspended')
  if (suspended) return { status: 'Suspended', message: suspended.message ?? '' }
  return { status: 'Progressing' }
}
