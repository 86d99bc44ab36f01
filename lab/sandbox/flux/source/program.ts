import { join } from 'node:path'
import { startController } from '../runtime/controller.ts'
import { refuseKind } from '../runtime/refuser.ts'
import {
  BUCKETS,
  EXTERNAL_ARTIFACTS,
  GIT_REPOSITORIES,
  HELM_CHARTS,
  HELM_REPOSITORIES,
  OCI_REPOSITORIES,
} from '../runtime/resources.ts'
import { controllerProgram } from '../runtime/runtime.ts'
import { gitRepositoryReconciler } from './git-repository.ts'
import { ArtifactStorage } from './storage.ts'

/** source-controller: fetches sources and serves them as artifacts on port 9090. */
export const sourceController = controllerProgram('source-controller', async (runtime) => {
  const { context, flags } = runtime
  const host = flags.storageAdvAddr ?? `source-controller.${context.pod.namespace}.svc.cluster.local.`
  const storage = new ArtifactStorage(join(context.scratch, 'data'), host)
  await context.listen(9090, storage.serve)
  startController(runtime, {
    name: 'gitrepository',
    resource: GIT_REPOSITORIES,
    action: 'fetch the repository',
    reconcile: gitRepositoryReconciler(runtime, storage),
    onGone: ({ namespace, name }) => storage.removeFolder(`gitrepository/${namespace}/${name}`),
  })
  for (const resource of [OCI_REPOSITORIES, BUCKETS, HELM_REPOSITORIES, HELM_CHARTS, EXTERNAL_ARTIFACTS]) {
    refuseKind(runtime, resource)
  }
})
