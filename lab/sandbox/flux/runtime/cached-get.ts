import { isNotFound, type KubeClient, KubeError, type KubeObject } from '../../core/kube-client.ts'
import type { FluxResource } from './resources.ts'

/**
 * Reads an object that the real controllers read from their cache, which words its absence with the kind:
 * `GitRepository.source.toolkit.fluxcd.io "app" not found`. @throws KubeError
 */
export async function getAsCached(
  kube: KubeClient,
  resource: FluxResource,
  name: string,
  namespace: string,
): Promise<KubeObject> {
  try {
    return await kube.get(resource, name, namespace)
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new KubeError(404, 'NotFound', `${resource.kind}.${resource.group} "${name}" not found`, error.status)
  }
}
