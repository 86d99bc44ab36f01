import type { KubeObject, ManagedFieldsEntry } from '../../core/kube-client.ts'
import { unionOfFields } from '../../core/kube-objects.ts'

type Operation = { readonly op: 'remove' | 'replace'; readonly path: string; readonly value?: unknown }

export const FIELD_MANAGER = 'kustomize-controller'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const OLD_ANNOTATIONS = [LAST_APPLIED, 'kustomize.toolkit.fluxcd.io/checksum', 'fluxcd.io/sync-checksum']
const OLD_LABELS = ['fluxcd.io/sync-gc-mark']

const isTakenOver = ({ manager, operation, subresource }: ManagedFieldsEntry, others: readonly string[]): boolean => {
  if (subresource) return false
  if (['kubectl', ...others].some((prefix) => manager.startsWith(prefix))) return true
  return operation === 'Update' && (manager.startsWith('before-first-apply') || manager.startsWith(FIELD_MANAGER))
}

/** The entries with what kubectl wrote handed over to this controller; undefined when there is nothing to hand over. */
export function takeOver(
  entries: readonly ManagedFieldsEntry[],
  others: readonly string[] = [],
): readonly ManagedFieldsEntry[] | undefined {
  const isOwn = (entry: ManagedFieldsEntry) =>
    entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource
  const taken = entries.filter((entry) => !isOwn(entry) && isTakenOver(entry, others))
  if (taken.length === 0) return undefined
  const own = entries.find(isOwn) ?? { ...(taken[0] as ManagedFieldsEntry), fieldsV1: {} }
  const fieldsV1 = taken.reduce((fields, entry) => unionOfFields(fields, entry.fieldsV1 ?? {}), own.fieldsV1 ?? {})
  return [
    ...entries.filter((entry) => !isOwn(entry) && !taken.includes(entry)),
    { ...own, manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 },
  ]
}

/**
 * The JSON patch that makes the next apply undo what kubectl changed: its annotation goes, and its fields become this
 * controller's, so that those which Git does not set are dropped. Empty when there is nothing of the kind.
 */
export function cleanupPatch(object: KubeObject, others: readonly string[] = []): readonly Operation[] {
  const { annotations = {}, labels = {}, managedFields = [] } = object.metadata
  const removal = (field: string, keys: readonly string[], of: Readonly<Record<string, string>>): Operation[] =>
    keys
      .filter((key) => key in of)
      .map((key) => ({ op: 'remove', path: `/metadata/${field}/${key.replaceAll('/', '~1')}` }))
  const taken = takeOver(managedFields, others)
  return [
    ...removal('annotations', OLD_ANNOTATIONS, annotations),
    ...removal('labels', OLD_LABELS, labels),
    ...(taken ? [{ op: 'replace' as const, path: '/metadata/managedFields', value: taken }] : []),
  ]
}
