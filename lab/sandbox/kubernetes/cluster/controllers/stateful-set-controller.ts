import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'
import { referenceTo } from '../events.ts'
import { isStatus, keyOf, keyText, parseKey, writerOf } from '../objects.ts'
import { WorkQueue } from '../queue.ts'
import { syncRevisions } from './revisions.ts'
import { type ControllerOptions, untilAborted } from './scheduler.ts'
import { type Action, planStatefulSet, podOf, statusOf } from './stateful-set.ts'

const WRITER = writerOf('kube-controller-manager')
const SOURCE = { component: 'statefulset-controller' }

/** Keeps the pods of StatefulSets until the signal is aborted. */
export async function runStatefulSetController(options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { objects, events, clock, log } = options

  const podsOf = (set: KubeObject): readonly KubeObject[] =>
    objects
      .list('pods', set.metadata.namespace)
      .filter((pod) => (pod.metadata.ownerReferences ?? []).some((owner) => owner.uid === set.metadata.uid))

  const perform = (set: KubeObject, action: Action) => {
    const created = action.type === 'create' ? podOf(set, action.ordinal, action.revision) : undefined
    const pod = created ?? (action as { pod: KubeObject }).pod
    const what = `${action.type} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
    const reason = action.type === 'create' ? 'Create' : 'Delete'
    try {
      if (created) objects.create('pods', created, WRITER)
      else objects.remove('pods', keyOf(pod), WRITER)
      events.record(referenceTo(set), 'Normal', `Successful${reason}`, `${what} successful`, SOURCE)
    } catch (error) {
      // The pod of this name from before is still on its way out.
      if (isStatus(error, 409)) return
      events.record(referenceTo(set), 'Warning', `Failed${reason}`, `${what} failed error: ${messageOf(error)}`, SOURCE)
      throw error
    }
  }

  const reconcile = (key: string) => {
    const { namespace, name } = parseKey(key)
    const set = objects.get('statefulsets', namespace, name)
    if (!set || set.metadata.deletionTimestamp) return
    const revisions = syncRevisions(objects, set, podsOf(set))
    for (const action of planStatefulSet(set, podsOf(set), revisions, clock.now())) perform(set, action)
    const status = statusOf(set, podsOf(set), revisions, clock.now())
    if (!isDeepStrictEqual(set['status'], status)) objects.update('statefulsets', { ...set, status }, WRITER, 'status')
    const { minReadySeconds = 0 } = set['spec']
    if (minReadySeconds > 0) queue.addAfter(key, minReadySeconds * 1000)
  }

  const queue = new WorkQueue({ clock, reconcile, log })
  const unwatch = [
    objects.watch('statefulsets', ({ object }) => queue.add(keyText(keyOf(object)))),
    objects.watch('pods', ({ object }) => {
      const owner = (object.metadata.ownerReferences ?? []).find(({ controller }) => controller)
      if (owner?.kind === 'StatefulSet') queue.add(keyText({ namespace: object.metadata.namespace, name: owner.name }))
    }),
  ]
  for (const set of objects.list('statefulsets')) queue.add(keyText(keyOf(set)))
  await untilAborted(signal)
  for (const stop of unwatch) stop()
  await queue.stop()
}
