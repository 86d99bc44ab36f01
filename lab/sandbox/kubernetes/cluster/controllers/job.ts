import type { KubeObject } from '../../types.ts'
import { isReady, ownerOf } from './stateful-set.ts'

export type JobPlan = {
  readonly create: number
  readonly remove: readonly KubeObject[]
  /** How the Job has just ended. */
  readonly outcome?: { readonly type: 'Complete' | 'Failed'; readonly reason: string; readonly message: string }
}

const phaseOf = (pod: KubeObject): string => pod['status']?.phase ?? 'Pending'

export const isOver = (job: KubeObject): boolean =>
  ((job['status']?.conditions ?? []) as { type: string; status: string }[]).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )

const inPhase = (pods: readonly KubeObject[], phase: string) => pods.filter((pod) => phaseOf(pod) === phase)

const activeOf = (pods: readonly KubeObject[]) =>
  pods.filter((pod) => ['Pending', 'Running'].includes(phaseOf(pod)) && !pod.metadata.deletionTimestamp)

/** Failures that count: pods that failed, and restarts of containers inside pods that go on. */
function failuresOf(pods: readonly KubeObject[]): number {
  const restarts = activeOf(pods).flatMap((pod) =>
    ((pod['status']?.containerStatuses ?? []) as { restartCount: number }[]).map(({ restartCount }) => restartCount),
  )
  return inPhase(pods, 'Failed').length + restarts.reduce((sum, count) => sum + count, 0)
}

/** What a Job needs next, given its pods and the seconds since it started. */
export function planJob(job: KubeObject, pods: readonly KubeObject[], ageSeconds: number): JobPlan {
  const { parallelism = 1, completions, backoffLimit = 6, activeDeadlineSeconds, suspend } = job['spec']
  const active = activeOf(pods)
  if (suspend) return { create: 0, remove: active }
  const succeeded = inPhase(pods, 'Succeeded').length
  const done =
    completions === undefined || completions === null ? succeeded > 0 && active.length === 0 : succeeded >= completions
  if (done) {
    const message = 'Reached expected number of succeeded pods'
    return { create: 0, remove: active, outcome: { type: 'Complete', reason: 'CompletionsReached', message } }
  }
  if (failuresOf(pods) > backoffLimit) {
    const message = 'Job has reached the specified backoff limit'
    return { create: 0, remove: active, outcome: { type: 'Failed', reason: 'BackoffLimitExceeded', message } }
  }
  if (activeDeadlineSeconds !== undefined && ageSeconds >= activeDeadlineSeconds) {
    const message = 'Job was active longer than specified deadline'
    return { create: 0, remove: active, outcome: { type: 'Failed', reason: 'DeadlineExceeded', message } }
  }
  const left =
    completions === undefined || completions === null ? (succeeded > 0 ? 0 : parallelism) : completions - succeeded
  const wanted = Math.min(parallelism, left)
  return { create: Math.max(0, wanted - active.length), remove: active.slice(wanted) }
}

/** How long to wait before the next pod after failures: 10 s, doubled each time, 6 minutes at most. */
export function backoffMs(pods: readonly KubeObject[]): number {
  const failures = inPhase(pods, 'Failed').length
  return failures === 0 ? 0 : Math.min(10_000 * 2 ** (failures - 1), 360_000)
}

export function jobPod(job: KubeObject): KubeObject {
  const { metadata = {}, spec } = job['spec'].template
  const { name, uid } = job.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace: job.metadata.namespace,
      labels: {
        ...metadata.labels,
        'batch.kubernetes.io/controller-uid': uid,
        'batch.kubernetes.io/job-name': name,
        'controller-uid': uid,
        'job-name': name,
      },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ownerReferences: [ownerOf(job)],
    },
    spec,
  }
}

/** The status of a Job whose pods are these; `time` is now, as the API writes it. */
export function jobStatus(job: KubeObject, pods: readonly KubeObject[], plan: JobPlan, time: string): object {
  const old = job['status'] ?? {}
  const counted = (field: string, value: number) => (value > 0 ? { [field]: value } : {})
  const { outcome } = plan
  const active = outcome || job['spec'].suspend ? [] : activeOf(pods)
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
    reason,
    message,
  })
  const ended = outcome && [
    condition(outcome.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget', outcome.reason, outcome.message),
    condition(outcome.type, outcome.reason, outcome.message),
  ]
  return {
    ...(job['spec'].suspend ? {} : { startTime: old.startTime ?? time }),
    ...(outcome?.type === 'Complete' ? { completionTime: time } : {}),
    ...(ended ? { conditions: ended } : old.conditions ? { conditions: old.conditions } : {}),
    ...counted('active', active.length),
    ready: active.filter(isReady).length,
    terminating: 0,
    ...counted('succeeded', inPhase(pods, 'Succeeded').length),
    ...counted('failed', inPhase(pods, 'Failed').length),
    uncountedTerminatedPods: {},
  }
}
