import { isMap, type JsonMap } from '../../core/json.ts'
import type { ManagedFieldsEntry } from '../../core/kube-client.ts'
import { unionOfFields } from '../../core/kube-objects.ts'
import { FIELD_MANAGER } from '../application.ts'

const CLIENT_SIDE = 'kubectl-client-side-apply'

/**
 * Managed fields in which Argo CD applies what kubectl's client-side apply had updated; undefined when that owns
 * nothing. The last-applied annotation is left to nobody.
 */
export function migratedFields(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined {
  const isOld = ({ manager, operation, subresource }: ManagedFieldsEntry) =>
    manager === CLIENT_SIDE && operation === 'Update' && !subresource
  const isOwn = ({ manager, operation, subresource }: ManagedFieldsEntry) =>
    manager === FIELD_MANAGER && operation === 'Apply' && !subresource
  const [old, own] = [entries.find(isOld), entries.find(isOwn)]
  if (!old) return undefined
  const fieldsV1 = unionOfFields(own?.fieldsV1 ?? {}, withoutLastApplied(old.fieldsV1 ?? {}))
  const migrated: ManagedFieldsEntry = { ...(own ?? old), manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 }
  return [migrated, ...entries.filter((entry) => !isOld(entry) && !isOwn(entry))]
}

function withoutLastApplied(fields: JsonMap): JsonMap {
  const metadata = fields['f:metadata']
  const annotations = isMap(metadata) ? metadata['f:annotations'] : undefined
  if (!isMap(metadata) || !isMap(annotations)) return fields
  const { 'f:kubectl.kubernetes.io/last-applied-configuration': _, ...kept } = annotations
  return { ...fields, 'f:metadata': { ...metadata, 'f:annotations': kept } }
}
