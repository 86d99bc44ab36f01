import { type Change, Informer, keyOf, objectOf } from '../../core/informer.ts'
import type { Program } from '../../core/program.ts'
import { findCondition } from '../runtime/conditions.ts'
import { startController } from '../runtime/controller.ts'
import { IMAGE_POLICIES, IMAGE_REPOSITORIES } from '../runtime/resources.ts'
import { controllerProgram } from '../runtime/runtime.ts'
import { imagePolicyReconciler } from './policy.ts'
import type { RegistryReaderFactory } from './registry.ts'
import { imageRepositoryReconciler, type TagDatabase } from './repository.ts'

/** image-reflector-controller: scans registries and chooses tags. */
export const imageReflectorController = (createReader: RegistryReaderFactory): Program =>
  controllerProgram('image-reflector-controller', async (runtime) => {
    const database: TagDatabase = new Map()
    startController(runtime, {
      name: 'imagerepository',
      resource: IMAGE_REPOSITORIES,
      action: 'scan for new tags',
      reconcile: imageRepositoryReconciler(runtime, database, createReader),
    })
    const policies = startController(runtime, {
      name: 'imagepolicy',
      resource: IMAGE_POLICIES,
      action: 'choose the latest tag',
      handlesRequests: false,
      reconcile: imagePolicyReconciler(runtime, database, createReader),
    })
    const { kube, namespace: watched, signal } = runtime
    new Informer(kube, IMAGE_REPOSITORIES, { namespace: watched }, signal, (change) => {
      if (!matters(change)) return
      const { name, namespace } = keyOf(objectOf(change))
      for (const policy of policies.objects()) {
        const { imageRepositoryRef } = policy['spec']
        const owner = imageRepositoryRef.namespace ?? policy.metadata.namespace
        if (imageRepositoryRef.name === name && owner === namespace) policies.enqueue(keyOf(policy))
      }
    })
  })

/** Whether a change of an ImageRepository can change a choice: it came, went, found other tags or became ready. */
function matters({ before, after }: Change): boolean {
  if (!before || !after) return true
  const scanOf = (object: typeof before) => object['status']?.lastScanResult?.revision as string | undefined
  const isReady = (object: typeof before) =>
    findCondition(object['status']?.conditions ?? [], 'Ready')?.status === 'True'
  if (scanOf(after) === undefined) return false
  return scanOf(before) !== scanOf(after) || (isReady(after) && !isReady(before))
}
