import type { Subject } from '../runtime/subject.ts'
import type { Versioned } from './delete.ts'
import { type InventoryEntry, inventoryId, parseInventoryId } from './identity.ts'

/** The objects that a Kustomization's status lists. */
export const inventoryOf = (subject: Pick<Subject, 'status'>): readonly Versioned[] =>
  ((subject.status['inventory']?.entries ?? []) as InventoryEntry[]).flatMap(({ id, v }) => {
    const identity = parseInventoryId(id)
    return identity ? [{ identity, version: v }] : []
  })

export const inventoryOfChanges = (objects: readonly Versioned[]): { readonly entries: readonly InventoryEntry[] } => ({
  entries: objects.map(({ identity, version }) => ({ id: inventoryId(identity), v: version })),
})

/** What was in the inventory before and is not any more. */
export function staleObjects(before: readonly Versioned[], now: readonly Versioned[]): readonly Versioned[] {
  const ids = new Set(now.map(({ identity }) => inventoryId(identity)))
  return before.filter(({ identity }) => !ids.has(inventoryId(identity)))
}
