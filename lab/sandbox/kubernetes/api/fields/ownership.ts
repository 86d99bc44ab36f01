import { ApiError } from '../../../core/errors.ts'
import type { KubeObject, ManagedFieldsEntry, Schema } from '../../types.ts'
import type { Json } from '../registry/values.ts'
import { equal } from '../registry/values.ts'
import { FieldSet, pathText } from './field-set.ts'
import { inherited, withLastApplied } from './last-applied.ts'
import { asksForReset, capUpdaters, type Manager, type Owner, ownerKey, readOwners, writeOwners } from './managed.ts'
import { type Comparison, compare, merge, toFieldSet, without } from './typed.ts'

/** Paths that nobody owns. */
const UNOWNED = FieldSet.of('f:apiVersion', 'f:kind', 'f:metadata').attach(
  'f:metadata',
  FieldSet.of(
    ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields'].map(
      (name) => `f:${name}`,
    ),
    'f:resourceVersion',
  ),
)

export type Write = {
  readonly schema: Schema | undefined
  readonly manager: Manager
  /** RFC 3339, whole seconds. */
  readonly time: string
  /** The object as it was, or what an empty one looks like. */
  readonly live: KubeObject
}

const content = (object: KubeObject): Json => {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Takes the paths of `taken` away from all owners but one. */
function takeAway(owners: Map<string, Owner>, taken: FieldSet, exceptKey: string | undefined): void {
  for (const [key, owner] of owners) {
    if (key === exceptKey) continue
    const set = owner.set.difference(taken)
    if (set.empty) owners.delete(key)
    else owners.set(key, { ...owner, set })
  }
}

/** Owners after a write that was no apply: whoever changes a field has it, alone. */
function afterUpdate(owners: Map<string, Owner>, changes: Comparison, write: Write): void {
  const key = ownerKey(write.manager)
  const changed = changes.modified.union(changes.added)
  takeAway(owners, changed.union(changes.removed), undefined)
  const own = changed.difference(UNOWNED)
  if (own.empty) return
  const before = owners.get(key)
  owners.set(key, { ...write.manager, set: before ? before.set.union(own) : own, time: write.time })
}

/**
 * `managedFields` after a create or update. `given` is what the request itself says of managedFields: a list replaces
 * what is stored, `[{}]` clears it. An object whose owners were cleared stays without until somebody applies.
 */
export function ownersAfterUpdate(
  object: KubeObject,
  given: readonly ManagedFieldsEntry[] | undefined,
  write: Write,
): ManagedFieldsEntry[] | undefined {
  const isNew = write.live.metadata.creationTimestamp === undefined
  const stored = write.live.metadata.managedFields
  const owners = asksForReset(given) ? new Map<string, Owner>() : readOwners(given?.length ? given : stored)
  if (owners.size === 0 && !isNew) return undefined
  afterUpdate(owners, compare(content(write.live), content(object), write.schema), write)
  capUpdaters(owners)
  return writeOwners(owners)
}

export type Applied = {
  readonly object: KubeObject
  readonly managedFields: ManagedFieldsEntry[] | undefined
}

/**
 * Server-side apply: merges the configuration, takes away what this manager named before and nobody else has, and
 * computes who owns what. `ignored` are paths that this endpoint does not write (`status` of the main resource).
 * @throws ApiError 409 with one cause per conflict
 */
export function applyConfiguration(
  config: KubeObject,
  force: boolean,
  ignored: FieldSet,
  empty: KubeObject,
  write: Write,
): Applied {
  const { schema, live } = write
  const owners = readOwners(live.metadata.managedFields)
  const liveContent = content(live)
  const isNew = live.metadata.creationTimestamp === undefined
  if (owners.size === 0 && !isNew) {
    const { apiVersion } = write.manager
    const manager: Manager = { manager: 'before-first-apply', operation: 'Update', apiVersion }
    const { added, modified, removed } = compare(content(empty), liveContent, schema)
    const own = { added: added.difference(ignored, true), modified: modified.difference(ignored, true), removed }
    afterUpdate(owners, own, { ...write, manager })
  }
  const key = ownerKey(write.manager)
  const last = owners.get(key)
  const named = toFieldSet(config, schema).difference(ignored, true)
  owners.set(key, { ...write.manager, set: named, time: last?.time })

  const merged = (isNew ? config : merge(liveContent, config, schema)) as KubeObject
  const object = prune(merged, last?.set, owners, schema)
  const changes = compare(liveContent, object, schema)
  const changed = changes.modified.union(changes.added)
  const mayTake = inherited(live, write.manager.manager, schema)
  if (!force) refuseConflicts(owners, changed.difference(mayTake), key)
  takeAway(owners, changed.union(changes.removed), key)
  const set = named.difference(UNOWNED)
  owners.set(key, { ...write.manager, set, time: equal(liveContent, object) ? last?.time : write.time })
  return { object: withLastApplied(object, config, write.manager.manager), managedFields: writeOwners(owners) }
}

/** Takes away what the manager named in its last configuration and nobody names now. */
function prune(
  merged: KubeObject,
  last: FieldSet | undefined,
  owners: ReadonlyMap<string, Owner>,
  schema: Schema | undefined,
): KubeObject {
  if (!last || last.empty) return merged
  const named = last.withNamedParents(schema)
  const pruned = without(merged, named, schema)
  const all = toFieldSet(merged, schema).withNamedParents(schema)
  const left = toFieldSet(pruned, schema).withNamedParents(schema)
  let owned = new FieldSet()
  for (const { set } of owners.values()) owned = owned.union(set)
  const lost = all.difference(left.union(owned.withNamedParents(schema)))
  return (without(merged, lost.intersection(named), schema) ?? {}) as KubeObject
}

function refuseConflicts(owners: ReadonlyMap<string, Owner>, changed: FieldSet, ownKey: string): void {
  const conflicts = [...owners]
    .filter(([key]) => key !== ownKey)
    .map(([, owner]) => ({
      who: description(owner),
      paths: [...owner.set.intersection(changed).paths()].map(pathText),
    }))
    .filter(({ paths }) => paths.length > 0)
    .sort((a, b) => (a.who < b.who ? -1 : 1))
  if (conflicts.length === 0) return
  const causes = conflicts.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  )
  const texts = conflicts.map(({ who, paths }) =>
    paths.length === 1
      ? `conflict with ${who}: ${paths[0]}`
      : `conflicts with ${who}:\n${paths.map((path) => `- ${path}`).join('\n')}`,
  )
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`
  throw new ApiError(409, `Apply failed with ${count}: ${texts.join('\n')}`, {
    reason: 'Conflict',
    details: { causes },
  })
}

function description({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
