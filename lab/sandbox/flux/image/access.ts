import type { KubeClient, KubeObject } from '../../core/kube-client.ts'
import { NAMESPACES } from '../../core/kube-objects.ts'

/** Why a policy of a namespace may not use an ImageRepository of another one; undefined when it may. */
export async function accessDenied(
  kube: KubeClient,
  namespace: string,
  repository: KubeObject,
): Promise<string | undefined> {
  const owner = repository.metadata.namespace ?? ''
  if (owner === namespace) return undefined
  const which = `'${owner}/${repository.metadata.name}' can't be accessed due to`
  const selectors: { matchLabels?: Record<string, string> }[] | undefined =
    repository['spec'].accessFrom?.namespaceSelectors
  if (!selectors) return `${which} missing ACL labels on 'accessFrom'`
  const { labels = {} } = (await kube.get(NAMESPACES, namespace)).metadata
  const isAdmitted = selectors.some(({ matchLabels = {} }) =>
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
  )
  return isAdmitted ? undefined : `${which} ACL labels mismatch on namespace '${namespace}'`
}
