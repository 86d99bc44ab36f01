import { type Change, Informer, keyOf, keyText, objectOf } from '../../core/informer.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { findCondition } from '../runtime/conditions.ts'
import { startController } from '../runtime/controller.ts'
import { KUSTOMIZATIONS } from '../runtime/resources.ts'
import { controllerProgram } from '../runtime/runtime.ts'
import type { Cluster } from './cluster.ts'
import { inDependencyOrder } from './dependencies.ts'
import { kustomizationReconciler } from './kustomization.ts'
import { ResourceMapper } from './mapper.ts'
import { SOURCES, sourceKey, sourceKeyOf } from './source.ts'

/** kustomize-controller: applies what sources offer. */
export const kustomizeController = controllerProgram('kustomize-controller', async (runtime) => {
  const { kube, clock, signal, flags } = runtime
  const cluster: Cluster = {
    kube,
    clock,
    signal,
    mapper: new ResourceMapper(kube),
    overrideManagers: flags.overrideManagers,
  }
  const controller = startController(runtime, {
    name: 'kustomization',
    resource: KUSTOMIZATIONS,
    action: 'apply it',
    reconcile: kustomizationReconciler(runtime, cluster),
  })

  for (const source of SOURCES) {
    new Informer(kube, source, { namespace: runtime.namespace }, signal, (change) => {
      const revision = newRevision(change)
      const { metadata } = objectOf(change)
      if (revision === undefined) return
      const key = sourceKey(source.kind, metadata.namespace ?? '', metadata.name)
      const dependents = controller
        .objects()
        .filter((object) => sourceKeyOf(object) === key && !hasSettled(object, revision))
      for (const dependent of sorted(dependents)) controller.enqueue(keyOf(dependent))
    })
  }
})

/** The revision of a source that appeared, changed its revision or went; undefined when nothing of it matters. */
function newRevision({ before, after }: Change): string | undefined {
  const was: string | undefined = before?.['status']?.artifact?.revision
  const is: string | undefined = after?.['status']?.artifact?.revision
  if (!after) return was
  return is !== was ? is : undefined
}

/** Whether a Kustomization is ready and has already tried this revision. */
function hasSettled(object: KubeObject, revision: string): boolean {
  const { conditions = [], lastAttemptedRevision } = object['status'] ?? {}
  return findCondition(conditions, 'Ready')?.status === 'True' && lastAttemptedRevision === revision
}

const sorted = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  inDependencyOrder(
    objects,
    (object) => keyText(keyOf(object)),
    (object) =>
      ((object['spec'].dependsOn ?? []) as { name: string; namespace?: string }[]).map(({ name, namespace }) =>
        keyText({ namespace: namespace ?? object.metadata.namespace ?? '', name }),
      ),
  )
