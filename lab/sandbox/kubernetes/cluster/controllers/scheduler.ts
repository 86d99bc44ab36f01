import type { Clock } from '../../../core/clock.ts'
import type { KubeObject } from '../../types.ts'
import { type Events, referenceTo } from '../events.ts'
import { keyOf, keyText, type Objects, parseKey, writerOf } from '../objects.ts'
import { WorkQueue } from '../queue.ts'
import { schedule } from './schedule.ts'

const WRITER = writerOf('kube-scheduler')
const SOURCE = { component: 'default-scheduler' }

export type ControllerOptions = {
  readonly objects: Objects
  readonly events: Events
  readonly clock: Clock
  readonly log: (line: string) => void
}

/** Binds pods to nodes until the signal is aborted. A pod that fits nowhere is tried again when nodes change. */
export async function runScheduler(options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { objects, events, clock, log } = options

  const reconcile = (key: string) => {
    const { namespace, name } = parseKey(key)
    const pod = objects.get('pods', namespace, name)
    if (!pod || !isWaiting(pod)) return
    const decision = schedule(pod, objects.list('nodes'), objects.list('pods'))
    if ('node' in decision) {
      bind(objects, pod, decision.node)
      const text = `Successfully assigned ${key} to ${decision.node}`
      events.record(referenceTo(pod), 'Normal', 'Scheduled', text, SOURCE)
      return
    }
    events.record(referenceTo(pod), 'Warning', 'FailedScheduling', decision.message, SOURCE)
    markUnschedulable(objects, pod, decision.message, new Date(clock.now()))
  }

  const queue = new WorkQueue({ clock, reconcile, log })
  const enqueue = (pod: KubeObject) => {
    if (isWaiting(pod)) queue.add(keyText(keyOf(pod)))
  }
  const unwatch = [
    objects.watch('pods', ({ type, object }) => {
      // A change that the scheduler made itself, the condition, is no reason to try again.
      if (type === 'ADDED') enqueue(object)
      if (type === 'DELETED') for (const pod of objects.list('pods')) if (isUnschedulable(pod)) enqueue(pod)
    }),
    objects.watch('nodes', () => {
      for (const pod of objects.list('pods')) enqueue(pod)
    }),
  ]
  for (const pod of objects.list('pods')) enqueue(pod)
  await untilAborted(signal)
  for (const stop of unwatch) stop()
  await queue.stop()
}

export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const isWaiting = (pod: KubeObject): boolean =>
  !pod['spec'].nodeName &&
  !pod.metadata.deletionTimestamp &&
  (pod['spec'].schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
  (pod['spec'].schedulingGates ?? []).length === 0

type Condition = { readonly type: string; readonly status: string; readonly message?: string }

const isUnschedulable = (pod: KubeObject): boolean =>
  ((pod['status']?.conditions ?? []) as Condition[]).some(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  )

function bind(objects: Objects, pod: KubeObject, node: string): void {
  const { name, namespace } = pod.metadata
  const patch = { type: 'merge', body: { spec: { nodeName: node } } } as const
  objects.registry.patch(objects.resource('pods'), namespace, name, patch, WRITER, 'binding')
}

function markUnschedulable(objects: Objects, pod: KubeObject, message: string, now: Date): void {
  const conditions = (pod['status']?.conditions ?? []) as Condition[]
  const known = conditions.find(({ type }) => type === 'PodScheduled')
  if (known?.status === 'False' && known.message === message) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    reason: 'Unschedulable',
    message,
    observedGeneration: pod.metadata.generation,
  }
  const others = conditions.filter(({ type }) => type !== 'PodScheduled')
  const status = { ...pod['status'], phase: 'Pending', conditions: [...others, condition] }
  objects.update('pods', { ...pod, status }, WRITER, 'status')
}
