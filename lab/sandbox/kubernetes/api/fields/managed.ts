import type { ManagedFieldsEntry } from '../../types.ts'
import type { Json } from '../registry/values.ts'
import { FieldSet } from './field-set.ts'

/** Who writes: an entry of managedFields without its fields. The version of an applier is not part of who it is. */
export type Manager = Pick<ManagedFieldsEntry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>

export type Owner = Manager & { readonly set: FieldSet; readonly time?: string }

/** Owners of an object's fields by who they are. */
export type Owners = ReadonlyMap<string, Owner>

export const ownerKey = ({ manager, operation, apiVersion, subresource = '' }: Manager): string =>
  JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource])

export function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Owner> {
  const owners = new Map<string, Owner>()
  for (const { fieldsV1, fieldsType: _, ...entry } of entries ?? []) {
    if (!entry.manager && !entry.operation) continue
    const set = FieldSet.parse(fieldsV1 as Json | undefined)
    const key = ownerKey(entry)
    const same = owners.get(key)
    owners.set(key, { ...entry, set: same ? same.set.union(set) : set })
  }
  return owners
}

/** Order of the entries: appliers first, then by time in seconds, then by manager. */
const order = (a: Owner, b: Owner): number =>
  a.operation.localeCompare(b.operation) ||
  (a.time ?? '').localeCompare(b.time ?? '') ||
  compareText(a.manager, b.manager) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource ?? '', b.subresource ?? '')

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Entries as the API shows them; owners of nothing are left out. Undefined when there are none. */
export function writeOwners(owners: Owners): ManagedFieldsEntry[] | undefined {
  const entries = [...owners.values()]
    .filter(({ set }) => !set.empty)
    .sort(order)
    .map(
      ({ set, manager, operation, apiVersion, time, subresource }): ManagedFieldsEntry => ({
        manager,
        operation,
        apiVersion,
        ...(time ? { time } : {}),
        fieldsType: 'FieldsV1',
        fieldsV1: set.serialize(),
        ...(subresource ? { subresource } : {}),
      }),
    )
  return entries.length > 0 ? entries : undefined
}

const MOST_UPDATERS = 10

/**
 * Keeps the entries of writes that were no apply to ten: of the oldest, those of one version are merged. Whose they
 * were is forgotten.
 */
export function capUpdaters(owners: Map<string, Owner>): void {
  const updaters = [...owners.values()].filter(({ operation }) => operation === 'Update').sort(order)
  const oldest = new Map<string, string>()
  let excess = updaters.length - MOST_UPDATERS
  for (const owner of updaters) {
    if (excess <= 0) return
    const { apiVersion, time } = owner
    const first = oldest.get(apiVersion)
    if (first === undefined) {
      oldest.set(apiVersion, ownerKey(owner))
      continue
    }
    const manager = { manager: 'ancient-changes', operation: 'Update', apiVersion } as const
    const merged = new Set([first, ownerKey(owner), ownerKey(manager)].filter((key) => owners.has(key)))
    let set = new FieldSet()
    for (const key of merged) {
      set = set.union(owners.get(key)?.set ?? set)
      owners.delete(key)
    }
    owners.set(ownerKey(manager), { ...manager, set, ...(time ? { time } : {}) })
    oldest.set(apiVersion, ownerKey(manager))
    excess -= merged.size - 1
  }
}

/** A single empty entry in a request asks to forget all owners. */
export const asksForReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean =>
  entries?.length === 1 && Object.keys(entries[0] as object).length === 0
