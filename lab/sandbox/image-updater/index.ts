import type { BuiltInImage } from '../core/program.ts'
import { createRegistryClient } from '../registry/index.ts'
import { imageUpdaterProgram } from './program.ts'

/**
 * Argo CD Image Updater v1.3.0. Repositories must have https URLs, as for the real one; the sandbox's own GitLab, which
 * has none, is exempt, and is the only git server within reach.
 */
export function imageUpdaterImage(options: {
  /** Base URL of the sandbox's GitLab. */
  readonly gitlabUrl: string
}): BuiltInImage {
  const program = imageUpdaterProgram({
    plainHosts: [new URL(options.gitlabUrl).host],
    registryClient: createRegistryClient,
  })
  return {
    repository: 'quay.io/argoprojlabs/argocd-image-updater',
    entrypoint: ['/manager'],
    programs: { '/manager': program, manager: program, 'argocd-image-updater': program },
  }
}
