import type { KubeObject } from '../../core/kube-client.ts'
import { startController } from './controller.ts'
import { FINALIZER, type FluxResource } from './resources.ts'
import { type Runtime, subjectOf } from './runtime.ts'
import { refuse } from './stages.ts'

/** Answers every object of a kind that has no controller here with a condition that says so. */
export function refuseKind(runtime: Runtime, resource: FluxResource): void {
  const message = `${resource.kind} is not supported by the ${runtime.component} of this sandbox; use a GitRepository`
  async function reconcile(object: KubeObject) {
    const subject = subjectOf(runtime, resource, object)
    if (subject.deleting) {
      if (object.metadata.finalizers?.includes(FINALIZER)) await subject.removeFinalizer()
      return {}
    }
    if (subject.condition('Stalled')?.observedGeneration === subject.generation) return {}
    await refuse(runtime, subject, message)
    return {}
  }
  startController(runtime, { name: resource.kind.toLowerCase(), resource, action: 'refuse it', reconcile })
}
