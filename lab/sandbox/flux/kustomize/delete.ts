import { messageOf } from '../../core/errors.ts'
import { isNotFound } from '../../core/kube-client.ts'
import { hasInMetadata } from './apply.ts'
import type { ChangeSetEntry, Cluster } from './cluster.ts'
import { compareIdentities, type Identity, subjectText } from './identity.ts'
import { NoMatch } from './mapper.ts'

export type Versioned = { readonly identity: Identity; readonly version: string }

/** Some objects could not be deleted: `changes` are those that could. */
export class DeleteError extends Error {
  override readonly name = 'DeleteError'

  constructor(
    message: string,
    readonly changes: readonly ChangeSetEntry[],
  ) {
    super(message)
  }
}

/**
 * Deletes objects, in the opposite order of applying them, their dependents in the background. Objects without the
 * owner's labels, and those that are told not to be pruned, are skipped; what is gone already counts as deleted.
 * @throws DeleteError
 */
export async function deleteAll(
  cluster: Cluster,
  objects: readonly Versioned[],
  owner: { readonly name: string; readonly namespace: string },
): Promise<readonly ChangeSetEntry[]> {
  const changes: ChangeSetEntry[] = []
  const errors: string[] = []
  for (const { identity, version } of [...objects].sort((a, b) => compareIdentities(b.identity, a.identity))) {
    try {
      changes.push({ identity, version, action: await deleteOne(cluster, identity, version, owner) })
    } catch (error) {
      if (cluster.signal.aborted) throw error
      errors.push(`${subjectText(identity)} delete failed: ${messageOf(error)};`)
    }
  }
  if (errors.length > 0) throw new DeleteError(`delete failed, errors: ${errors.join('')}`, changes)
  return changes
}

async function deleteOne(
  { kube, mapper }: Cluster,
  identity: Identity,
  version: string,
  owner: { readonly name: string; readonly namespace: string },
): Promise<'deleted' | 'skipped'> {
  const { group, kind, name } = identity
  try {
    const mapping = await mapper.find(group ? `${group}/${version}` : version, kind)
    const namespace = mapping.namespaced ? identity.namespace : undefined
    const existing = await kube.get(mapping, name, namespace)
    const labels = existing.metadata.labels ?? {}
    const isOwned =
      labels['kustomize.toolkit.fluxcd.io/name'] === owner.name &&
      labels['kustomize.toolkit.fluxcd.io/namespace'] === owner.namespace
    const isProtected =
      hasInMetadata(existing, 'prune', 'disabled') ||
      hasInMetadata(existing, 'reconcile', 'disabled') ||
      hasInMetadata(existing, 'ssa', 'Ignore')
    if (!isOwned || isProtected) return 'skipped'
    await kube.delete(mapping, name, namespace, { propagationPolicy: 'Background' })
    return 'deleted'
  } catch (error) {
    if (error instanceof NoMatch || isNotFound(error)) return 'deleted'
    throw error
  }
}
