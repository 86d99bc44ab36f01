import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../types.ts'
import { referenceTo } from '../events.ts'
import { keyOf, keyText, parseKey, writerOf } from '../objects.ts'
import { WorkQueue } from '../queue.ts'
import { backoffMs, isOver, jobPod, jobStatus, planJob } from './job.ts'
import { type ControllerOptions, untilAborted } from './scheduler.ts'

const WRITER = writerOf('kube-controller-manager')
const SOURCE = { component: 'job-controller' }

/** Runs the pods of Jobs until the signal is aborted. Indexed completion and failure policies are not supported. */
export async function runJobController(options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { objects, events, clock, log } = options

  const podsOf = (job: KubeObject): readonly KubeObject[] =>
    objects
      .list('pods', job.metadata.namespace)
      .filter((pod) => (pod.metadata.ownerReferences ?? []).some((owner) => owner.uid === job.metadata.uid))

  const lastFailure = (pods: readonly KubeObject[]): number =>
    Math.max(
      0,
      ...pods
        .filter((pod) => pod['status']?.phase === 'Failed')
        .flatMap((pod) => pod['status'].containerStatuses ?? [])
        .map((status: { state?: { terminated?: { finishedAt: string } } }) =>
          Date.parse(status.state?.terminated?.finishedAt ?? ''),
        )
        .filter((time: number) => !Number.isNaN(time)),
    )

  const reconcile = (key: string) => {
    const { namespace, name } = parseKey(key)
    const job = objects.get('jobs', namespace, name)
    if (!job || job.metadata.deletionTimestamp) return
    if (isOver(job)) return expire(key, job)
    if (refused(job)) return
    const now = clock.now()
    const startTime = Date.parse(job['status']?.startTime ?? '') || now
    const pods = podsOf(job)
    const plan = planJob(job, pods, (now - startTime) / 1000)
    for (const pod of plan.remove) objects.remove('pods', keyOf(pod), WRITER)
    const wait = lastFailure(pods) + backoffMs(pods) - now
    if (plan.create > 0 && wait > 0) queue.addAfter(key, wait)
    else {
      for (let made = 0; made < plan.create; made++) {
        const pod = objects.create('pods', jobPod(job), WRITER)
        events.record(referenceTo(job), 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, SOURCE)
      }
    }
    const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
    const status = jobStatus(job, podsOf(job), plan, time)
    if (!isDeepStrictEqual(job['status'], status)) objects.update('jobs', { ...job, status }, WRITER, 'status')
    const { outcome } = plan
    if (outcome?.type === 'Complete') events.record(referenceTo(job), 'Normal', 'Completed', 'Job completed', SOURCE)
    if (outcome?.type === 'Failed') events.record(referenceTo(job), 'Warning', outcome.reason, outcome.message, SOURCE)
    const deadline = job['spec'].activeDeadlineSeconds
    if (!outcome && deadline !== undefined) queue.addAfter(key, startTime + deadline * 1000 - now)
  }

  /** Removes a Job whose time after its end is over. */
  const expire = (key: string, job: KubeObject) => {
    const ttl = job['spec'].ttlSecondsAfterFinished as number | undefined
    if (ttl === undefined) return
    const conditions = job['status'].conditions as { lastTransitionTime: string }[]
    const left = Date.parse(conditions.at(-1)?.lastTransitionTime ?? '') + ttl * 1000 - clock.now()
    if (left > 0) return queue.addAfter(key, left)
    objects.registry.remove(
      objects.resource('jobs'),
      job.metadata.namespace,
      job.metadata.name,
      { propagationPolicy: 'Foreground' },
      WRITER,
    )
  }

  const refused = (job: KubeObject): boolean => {
    const { completionMode, podFailurePolicy, successPolicy } = job['spec']
    const field =
      completionMode === 'Indexed'
        ? 'completionMode: Indexed'
        : podFailurePolicy
          ? 'podFailurePolicy'
          : successPolicy
            ? 'successPolicy'
            : undefined
    if (!field) return false
    events.record(referenceTo(job), 'Warning', 'NotSupported', `spec.${field} is not supported here`, SOURCE)
    return true
  }

  const queue = new WorkQueue({ clock, reconcile, log })
  const unwatch = [
    objects.watch('jobs', ({ object }) => queue.add(keyText(keyOf(object)))),
    objects.watch('pods', ({ object }) => {
      const owner = (object.metadata.ownerReferences ?? []).find(({ controller }) => controller)
      if (owner?.kind === 'Job') queue.add(keyText({ namespace: object.metadata.namespace, name: owner.name }))
    }),
  ]
  for (const job of objects.list('jobs')) queue.add(keyText(keyOf(job)))
  await untilAborted(signal)
  for (const stop of unwatch) stop()
  await queue.stop()
}
