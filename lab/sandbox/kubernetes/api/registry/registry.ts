import type { Clock } from '../../../core/clock.ts'
import type { PatchType } from '../../../core/kube-client.ts'
import type { Store } from '../../../core/store.ts'
import type { KubeObject, Registry, RegistryEvent, RemoveOptions, Resource, Selectors, Writer } from '../../types.ts'
import type { Kinds } from '../kinds.ts'
import { jsonPatch } from '../patch/json-patch.ts'
import { mergePatch } from '../patch/merge-patch.ts'
import { admitNamespace, admitNew, IMMORTAL_NAMESPACES, type Lookup, NAMESPACES } from './admission.ts'
import { groupVersion } from './conversion.ts'
import { isOver, planDeletion } from './deletion.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  internal,
  invalid,
  modified,
  notFound,
  requiredValue,
} from './errors.ts'
import { keyOf } from './keys.ts'
import { generationRises, metadataErrors, newMetadata, updatedMetadata } from './metadata.ts'
import { ResourceTable } from './resources.ts'
import { matcher } from './selectors.ts'
import { allocate, keepAllocated } from './services.ts'
import { Storage } from './storage.ts'
import { equal, isObject, type Json } from './values.ts'

export type RegistryOptions = { readonly store: Store; readonly clock: Clock; readonly kinds: Kinds }

/** The API server without HTTP over a Store. */
export class StoreRegistry implements Registry {
  readonly storage: Storage
  readonly table: ResourceTable
  readonly kinds: Kinds
  private readonly clock: Clock

  constructor({ store, clock, kinds }: RegistryOptions) {
    this.kinds = kinds
    this.clock = clock
    this.storage = new Storage(store)
    this.table = new ResourceTable(kinds, store)
  }

  resources(): readonly Resource[] {
    return this.table.list()
  }

  find(group: string, plural: string, version?: string): Resource | undefined {
    return this.table.find(group, plural, version)
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const found = this.storage.read(resource, namespace, name)
    if (found) return found
    if (resource.namespaced && namespace !== undefined && !this.lookup(NAMESPACES, undefined, namespace)) {
      throw notFound(NAMESPACES, namespace)
    }
    throw notFound(resource, name)
  }

  list(resource: Resource, namespace: string | undefined, selectors: Selectors = {}) {
    const matches = matcher(this.kinds, resource, selectors)
    return {
      items: this.storage.list(resource, namespace).filter(matches),
      resourceVersion: String(this.storage.store.revision),
    }
  }

  create(resource: Resource, namespace: string | undefined, given: KubeObject, writer: Writer): KubeObject {
    const decoded = this.decode(resource, given, writer)
    checkNamespace(resource, decoded, namespace)
    if (!resource.namespaced) namespace = undefined
    const name = decoded.metadata.name ?? ''
    admitNamespace(resource, namespace, name, this.lookup)
    let object = this.kinds.applyDefaults(resource, decoded)
    object = admitNew(resource, object, namespace, this.lookup)
    object = { ...object, metadata: newMetadata(resource, object.metadata, namespace, this.clock.now()) }
    object = this.kinds.prepare(resource, object, undefined, undefined)
    if (!object.metadata.name) {
      throw invalid(resource.kind, resource.group, '', [
        requiredValue('metadata.name', 'name or generateName is required'),
      ])
    }
    this.check(resource, object, undefined)
    if (decoded.metadata.resourceVersion) throw internal('resourceVersion should not be set on objects to be created')
    const present = this.storage.read(resource, namespace, object.metadata.name)
    if (present) throw alreadyExists(resource, object.metadata.name, present.metadata.deletionTimestamp !== undefined)
    return this.commit(resource, this.allocated(resource, object), writer)
  }

  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    given: KubeObject,
    writer: Writer,
    subresource?: string,
  ): KubeObject {
    const decoded = this.decode(resource, given, writer)
    checkNamespace(resource, decoded, namespace)
    checkName(decoded, name)
    const old = this.storage.read(resource, namespace, name)
    if (!old) throw notFound(resource, name)
    if (decoded.metadata.uid && decoded.metadata.uid !== old.metadata.uid) throw uidConflict(resource, old, decoded)
    return this.replace(resource, old, decoded, writer, subresource)
  }

  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: { readonly type: PatchType; readonly body: unknown },
    writer: Writer,
    subresource?: string,
  ): { object: KubeObject; created: boolean } {
    const old = this.storage.read(resource, namespace, name)
    if (!old) throw notFound(resource, name)
    const patched = patch.type === 'json' ? jsonPatch(old, patch.body) : mergePatch(old, patch.body)
    const decoded = this.decode(resource, patched, writer)
    checkNamespace(resource, decoded, namespace)
    checkName(decoded, name)
    return { object: this.replace(resource, old, decoded, writer, subresource), created: false }
  }

  remove(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: RemoveOptions,
    writer: Writer,
  ): { object: KubeObject; gone: boolean } {
    const object = this.storage.read(resource, namespace, name)
    if (!object) throw notFound(resource, name)
    checkPreconditions(resource, object, options.preconditions)
    const isNamespace = resource.group === '' && resource.plural === 'namespaces'
    if (isNamespace && IMMORTAL_NAMESPACES.includes(name)) {
      throw forbidden(resource, name, 'this namespace may not be deleted')
    }
    const plan = planDeletion(resource, object, options, this.clock.now())
    if (plan.action === 'none') return { object, gone: false }
    if (plan.action === 'remove') {
      return { object: writer.dryRun ? plan.object : this.storage.erase(resource, plan.object), gone: true }
    }
    return { object: writer.dryRun ? plan.object : this.write(resource, plan.object), gone: false }
  }

  watch(resource: Resource, notify: (event: RegistryEvent) => void): () => void {
    return this.storage.watch(resource, notify)
  }

  private readonly lookup: Lookup = (resource, namespace, name) =>
    this.storage.store.get(keyOf(resource, namespace, name))?.value as KubeObject | undefined

  private decode(resource: Resource, given: unknown, writer: Writer): KubeObject {
    const mode = writer.fieldValidation ?? 'Warn'
    const value = isObject(given) && !resource.custom ? withType(resource, given) : given
    const { object, warnings } = this.kinds.decodeObject(resource, value, mode)
    for (const warning of warnings) writer.warn?.(warning)
    return object
  }

  private check(resource: Resource, object: KubeObject, old: KubeObject | undefined): void {
    const errors = this.kinds.validate(resource, object, old)
    if (errors.length > 0) throw invalid(resource.kind, resource.group, object.metadata.name, errors)
  }

  /** Puts `decoded` in the place of `old`: what update and patch have in common. */
  private replace(
    resource: Resource,
    old: KubeObject,
    decoded: KubeObject,
    writer: Writer,
    subresource: string | undefined,
  ): KubeObject {
    const { name, resourceVersion } = old.metadata
    const given = decoded.metadata
    if (given.resourceVersion && given.resourceVersion !== resourceVersion) throw modified(resource, name)
    let object = this.kinds.applyDefaults(resource, decoded)
    if (isService(resource)) object = keepAllocated(object, old)
    const errors = metadataErrors(restoreDeletion(given, old), old.metadata)
    object = { ...object, metadata: updatedMetadata(given, old.metadata) }
    object = this.kinds.prepare(resource, object, old, subresource)
    errors.push(...this.kinds.validate(resource, object, old))
    if (errors.length > 0) throw invalid(resource.kind, resource.group, name, errors)
    if (resource.hasGeneration && subresource !== 'status' && generationRises(resource, object, old)) {
      object = { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
    }
    object = this.allocated(resource, object)
    const { resourceVersion: _, ...metadata } = old.metadata
    if (equal(object, { ...old, metadata })) return old
    if (isOver(object)) return writer.dryRun ? object : this.storage.erase(resource, object)
    return this.commit(resource, object, writer)
  }

  private allocated(resource: Resource, object: KubeObject): KubeObject {
    if (!isService(resource)) return object
    const others = this.storage.list(resource, undefined).filter((other) => other.metadata.uid !== object.metadata.uid)
    return allocate(object, others)
  }

  private commit(resource: Resource, object: KubeObject, writer: Writer): KubeObject {
    return writer.dryRun ? object : this.write(resource, object)
  }

  private write(resource: Resource, object: KubeObject): KubeObject {
    const stored =
      resource.plural === 'events' ? this.table.find('', 'events') : this.table.find(resource.group, resource.plural)
    return this.storage.write(resource, stored ?? resource, object)
  }
}

const isService = (resource: Resource) => resource.group === '' && resource.plural === 'services'

/** The path tells a built-in kind's version and kind, so the body may leave them out. */
function withType(resource: Resource, given: Json): Json {
  const { apiVersion, kind } = given
  if (apiVersion && kind) return given
  return { ...given, apiVersion: apiVersion || groupVersion(resource), kind: kind || resource.kind }
}

function checkNamespace(resource: Resource, object: KubeObject, namespace: string | undefined): void {
  const { namespace: given } = object.metadata
  if (resource.namespaced && given && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

function checkName(object: KubeObject, name: string): void {
  const { name: given } = object.metadata
  if (!given) {
    throw badRequest(`the name of the object (${given ?? ''} based on URL) was undeterminable: name must be provided`)
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
  }
}

/** A patch cannot take the marks of a deletion away: what it leaves out is filled in from the stored object. */
function restoreDeletion(given: KubeObject['metadata'], old: KubeObject): KubeObject['metadata'] {
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
  return {
    ...given,
    deletionTimestamp: given.deletionTimestamp ?? deletionTimestamp,
    deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? deletionGracePeriodSeconds,
  }
}

function uidConflict(resource: Resource, old: KubeObject, given: KubeObject): Error {
  const { name, namespace, uid } = old.metadata
  const key = `/registry/${resource.plural}/${namespace ? `${namespace}/` : ''}${name}`
  const text = `Precondition failed: UID in precondition: ${given.metadata.uid}, UID in object meta: ${uid}`
  const storage = `invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${text}`
  return conflict(resource, name, `StorageError: ${storage}`)
}

function checkPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  preconditions: RemoveOptions['preconditions'] = {},
): void {
  // In these two answers the real server names the kind where all others name the resource.
  const named = { group: resource.group, plural: resource.kind }
  const refuse = (what: string, wanted: string, found: string | undefined) =>
    conflict(
      named,
      metadata.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`,
    )
  const { uid, resourceVersion } = preconditions
  if (uid && uid !== metadata.uid) throw refuse('UID', uid, metadata.uid)
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw refuse('ResourceVersion', resourceVersion, metadata.resourceVersion)
  }
}
