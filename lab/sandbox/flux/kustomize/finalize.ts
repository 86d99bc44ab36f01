import type { EventType } from '../runtime/events.ts'
import type { Subject } from '../runtime/subject.ts'
import type { ChangeSetEntry, Cluster } from './cluster.ts'
import { DeleteError, deleteAll } from './delete.ts'
import { subjectText } from './identity.ts'
import { inventoryOf } from './inventory.ts'
import { timeoutOf } from './timeout.ts'
import { waitForTermination } from './wait.ts'

const TERMINATION_POLL = 2_000

/** Whether deleting a Kustomization deletes what it applied: never while it is suspended. */
export function deletesObjects({ spec }: Pick<Subject, 'spec'>): boolean {
  if (spec.suspend) return false
  const policy: string = spec.deletionPolicy ?? 'MirrorPrune'
  return policy === 'MirrorPrune' ? spec.prune === true : policy !== 'Orphan'
}

/** Lets a deleted Kustomization go, after its objects if it takes them along. */
export async function finalize(
  subject: Subject,
  cluster: Cluster,
  emit: (type: EventType, message: string) => Promise<void>,
): Promise<void> {
  const objects = inventoryOf(subject)
  if (subject.hasFinalizer() && deletesObjects(subject) && objects.length > 0) {
    let changes: readonly ChangeSetEntry[]
    try {
      changes = await deleteAll(cluster, objects, subject)
    } catch (error) {
      if (error instanceof DeleteError) await emit('Warning', 'pruning for deleted resource failed')
      throw error
    }
    await emit('Normal', changes.map(({ identity, action }) => `${subjectText(identity)} ${action}`).join('\n'))
    if (subject.spec.deletionPolicy === 'WaitForTermination') {
      const gone = changes.filter(({ action }) => action === 'deleted').map(({ identity }) => identity)
      const label = {
        actor: 'kustomize-controller',
        subject: `Kustomization ${subject.namespace}/${subject.name}`,
        action: 'look whether its objects are gone',
      }
      const options = { interval: TERMINATION_POLL, timeout: timeoutOf(subject.spec), label }
      if (!(await waitForTermination(cluster, gone, options))) {
        await emit('Warning', 'failed to wait for resources termination')
      }
    }
  }
  await subject.removeFinalizer()
}
