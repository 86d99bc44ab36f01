import type { Json } from '../normalize.ts'
import { defaultPodSpec, orElse } from './pod.ts'

export function defaultDeployment({ spec }: Json): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  orElse(spec.strategy, 'type', 'RollingUpdate')
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {}
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
    spec.strategy.rollingUpdate.maxSurge ??= '25%'
  }
  defaultPodSpec(spec.template.spec)
}

export function defaultReplicaSet({ spec }: Json): void {
  spec.replicas ??= 1
  defaultPodSpec(spec.template.spec)
}

export function defaultReplicationController(object: Json): void {
  const { spec, metadata } = object
  spec.replicas ??= 1
  const labels = spec.template?.metadata?.labels
  if (labels) {
    spec.selector ??= { ...labels }
    metadata.labels ??= { ...labels }
  }
  if (spec.template) defaultPodSpec(spec.template.spec)
}

export function defaultStatefulSet({ spec }: Json): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  orElse(spec, 'podManagementPolicy', 'OrderedReady')
  orElse(spec.updateStrategy, 'type', 'RollingUpdate')
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.partition ??= 0
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  orElse(spec.persistentVolumeClaimRetentionPolicy, 'whenDeleted', 'Retain')
  orElse(spec.persistentVolumeClaimRetentionPolicy, 'whenScaled', 'Retain')
  for (const claim of spec.volumeClaimTemplates ?? []) {
    Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
    defaultClaim(claim)
  }
  defaultPodSpec(spec.template.spec)
}

export function defaultDaemonSet({ spec }: Json): void {
  spec.revisionHistoryLimit ??= 10
  orElse(spec.updateStrategy, 'type', 'RollingUpdate')
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0
  }
  defaultPodSpec(spec.template.spec)
}

export function defaultJob({ metadata, spec }: Json): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  const labels = spec.template.metadata.labels
  if (labels) metadata.labels ??= { ...labels }
  defaultPodSpec(spec.template.spec)
}

export function defaultCronJob({ spec }: Json): void {
  orElse(spec, 'concurrencyPolicy', 'Allow')
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  defaultPodSpec(spec.jobTemplate.spec.template.spec)
}

export function defaultClaim(claim: Json): void {
  claim.spec.volumeMode ??= 'Filesystem'
  claim.status ??= {}
  orElse(claim.status, 'phase', 'Pending')
}
