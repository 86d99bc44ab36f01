import { isDeepStrictEqual } from 'node:util'
import { Informer, keyOf } from '../../core/informer.ts'
import { startController } from '../runtime/controller.ts'
import { GIT_REPOSITORIES, IMAGE_POLICIES, IMAGE_UPDATE_AUTOMATIONS } from '../runtime/resources.ts'
import { controllerProgram } from '../runtime/runtime.ts'
import { imageUpdateAutomationReconciler } from './automation.ts'

/** image-automation-controller: commits what image policies chose. */
export const imageAutomationController = controllerProgram('image-automation-controller', async (runtime) => {
  const { kube, namespace, signal } = runtime
  const controller = startController(runtime, {
    name: 'imageupdateautomation',
    resource: IMAGE_UPDATE_AUTOMATIONS,
    action: 'update the repository',
    reconcile: imageUpdateAutomationReconciler(runtime),
  })

  new Informer(kube, IMAGE_POLICIES, { namespace }, signal, ({ before, after }) => {
    const latest = after?.['status']?.latestRef
    if (!before || !after || !latest || isDeepStrictEqual(before['status']?.latestRef, latest)) return
    for (const automation of controller.objects()) {
      if (automation.metadata.namespace === after.metadata.namespace) controller.enqueue(keyOf(automation))
    }
  })
  new Informer(kube, GIT_REPOSITORIES, { namespace }, signal, ({ before, after }) => {
    if (!before || !after || before.metadata.generation === after.metadata.generation) return
    for (const automation of controller.objects()) {
      const { name, namespace: owner = automation.metadata.namespace } = automation['spec'].sourceRef
      if (name === after.metadata.name && owner === after.metadata.namespace) controller.enqueue(keyOf(automation))
    }
  })
})
