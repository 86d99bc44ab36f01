import { isNotFound, type KubeClient, type KubeObject } from '../../core/kube-client.ts'
import { getAsCached } from '../runtime/cached-get.ts'
import {
  BUCKETS,
  EXTERNAL_ARTIFACTS,
  type FluxResource,
  GIT_REPOSITORIES,
  OCI_REPOSITORIES,
} from '../runtime/resources.ts'
import type { Subject } from '../runtime/subject.ts'
import type { Artifact } from './artifact.ts'

export const SOURCES: readonly FluxResource[] = [GIT_REPOSITORIES, OCI_REPOSITORIES, BUCKETS, EXTERNAL_ARTIFACTS]

/** Key of a source among all kinds: `GitRepository/flux-system/app`. */
export const sourceKey = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`

export const sourceKeyOf = (kustomization: KubeObject): string => {
  const { kind, name, namespace } = kustomization['spec'].sourceRef
  return sourceKey(kind, namespace ?? kustomization.metadata.namespace, name)
}

export type Source =
  | { readonly kind: 'found'; readonly artifact: Artifact | undefined }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'denied'; readonly message: string }

/** The source of a Kustomization and the artifact that it offers now. */
export async function findSource(kube: KubeClient, subject: Subject, noCrossNamespaceRefs: boolean): Promise<Source> {
  const { kind, name, namespace = subject.namespace } = subject.spec.sourceRef
  const resource = SOURCES.find((source) => source.kind === kind)
  const denied = (why: string): Source => ({
    kind: 'denied',
    message: `can't access '${kind}/${namespace}/${name}', ${why}`,
  })
  if (noCrossNamespaceRefs && namespace !== subject.namespace) {
    return denied('cross-namespace references have been blocked')
  }
  if (kind === 'ExternalArtifact') return denied('ExternalArtifact feature gate is disabled')
  try {
    const source = await getAsCached(kube, resource as FluxResource, name, namespace)
    return { kind: 'found', artifact: source['status']?.artifact }
  } catch (error) {
    if (isNotFound(error)) return { kind: 'missing', message: error.message }
    throw error
  }
}
