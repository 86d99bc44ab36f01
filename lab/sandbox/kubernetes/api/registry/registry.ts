import type { Clock } from '../../../core/clock.ts'
import { messageOf } from '../../../core/errors.ts'
import type { Store } from '../../../core/store.ts'
import type {
  FieldError,
  KubeObject,
  Registry,
  RegistryEvent,
  RemoveOptions,
  Resource,
  Selectors,
  Writer,
} from '../../types.ts'
import { configurationOf } from '../fields/configuration.ts'
import { emptyObject } from '../fields/empty-object.ts'
import { FieldSet } from '../fields/field-set.ts'
import { applyConfiguration, ownersAfterUpdate } from '../fields/ownership.ts'
import type { Kinds } from '../kinds.ts'
import { type Patch, patchError, patched } from '../patch/patch.ts'
import { admitNamespace, admitNew, IMMORTAL_NAMESPACES, type Lookup } from './admission.ts'
import * as checks from './checks.ts'
import { groupVersion } from './conversion.ts'
import { isOver, planDeletion, withCleanUp } from './deletion.ts'
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
import { Feed } from './feed.ts'
import { keyOf } from './keys.ts'
import { generationRises, metadataErrors, newMetadata, updatedMetadata } from './metadata.ts'
import { NamespacePolicy } from './policy.ts'
import { ResourceTable } from './resources.ts'
import { scaleOf, withScale } from './scale.ts'
import { matcher } from './selectors.ts'
import { allocate } from './services.ts'
import { Storage } from './storage.ts'
import { equal, isObject, type Json, timestamp } from './values.ts'
import { warningsOf } from './warnings.ts'

export type RegistryOptions = {
  readonly store: Store
  readonly clock: Clock
  readonly kinds: Kinds
  /** What went wrong inside a subscriber, a line each. */
  readonly log?: (line: string) => void
}

type ManagedFields = KubeObject['metadata']['managedFields']

/** The API server without HTTP over a Store. */
export class StoreRegistry implements Registry {
  readonly storage: Storage
  readonly table: ResourceTable
  readonly policy: NamespacePolicy
  readonly kinds: Kinds
  readonly clock: Clock

  constructor({ store, clock, kinds, log }: RegistryOptions) {
    this.kinds = kinds
    this.clock = clock
    this.table = new ResourceTable(kinds, store)
    const feed = new Feed(store, (error) => log?.(`kubernetes: ${messageOf(error)}`))
    this.storage = new Storage(store, feed, kinds.convert)
    this.policy = new NamespacePolicy(this.storage, this.table)
  }

  resources(): readonly Resource[] {
    return this.table.list()
  }

  find(group: string, plural: string, version?: string): Resource | undefined {
    return this.table.find(group, plural, version)
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    return this.existing(resource, namespace, name)
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
    if (decoded.metadata.resourceVersion) {
      const before = this.finished(resource, decoded, namespace, writer, undefined)
      throw before && internal('resourceVersion should not be set on objects to be created')
    }
    return this.commit(resource, this.finished(resource, decoded, namespace, writer, undefined), writer)
  }

  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    given: KubeObject,
    writer: Writer,
    subresource?: string,
  ): KubeObject {
    if (subresource === 'scale') {
      const old = this.existing(resource, namespace, name)
      checks.checkNamespace(resource, given, namespace)
      checks.checkName(given, name)
      return scaleOf(resource, this.replace(resource, old, withScale(resource, old, given), writer, 'scale'))
    }
    const decoded = this.decode(resource, given, writer)
    checks.checkNamespace(resource, decoded, namespace)
    checks.checkName(decoded, name)
    const old = this.storage.read(resource, namespace, name)
    if (!old) {
      if (!checks.createdByUpdate(resource) || subresource) throw notFound(resource, name)
      return this.commit(resource, this.finished(resource, decoded, namespace, writer, undefined), writer)
    }
    checks.checkVersionGiven(resource, decoded)
    if (decoded.metadata.uid && decoded.metadata.uid !== old.metadata.uid) {
      throw checks.uidConflict(resource, old, decoded)
    }
    return this.replace(resource, old, decoded, writer, subresource)
  }

  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: Patch,
    writer: Writer,
    subresource?: string,
  ): { object: KubeObject; created: boolean } {
    if (patch.type === 'apply') return this.apply(resource, namespace, name, patch.body, writer, subresource)
    const old = this.existing(resource, namespace, name)
    const schema = this.kinds.schemaOf(resource)
    if (subresource === 'scale') {
      const scale = patched(resource, scaleOf(resource, old), patch, undefined)
      return { object: this.update(resource, namespace, name, scale as KubeObject, writer, 'scale'), created: false }
    }
    const document = patched(resource, old, patch, schema)
    let decoded: KubeObject
    try {
      decoded = this.decode(resource, document, writer)
    } catch (error) {
      throw patchError(error, patch, document)
    }
    checks.checkNamespace(resource, decoded, namespace)
    checks.checkName(decoded, name)
    return { object: this.replace(resource, old, decoded, writer, subresource), created: false }
  }

  remove(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: RemoveOptions,
    writer: Writer,
  ): { object: KubeObject; gone: boolean } {
    const object = this.existing(resource, namespace, name)
    checks.checkPreconditions(resource, object, options.preconditions)
    const isNamespace = resource.group === '' && resource.plural === 'namespaces'
    if (isNamespace && IMMORTAL_NAMESPACES.includes(name)) {
      throw forbidden(resource, name, 'this namespace may not be deleted')
    }
    const plan = planDeletion(resource, withCleanUp(resource, object, this.clock.now()), options, this.clock.now())
    if (plan.action === 'none') return { object, gone: false }
    if (plan.action === 'remove') {
      return { object: writer.dryRun ? plan.object : this.storage.erase(resource, plan.object), gone: true }
    }
    return { object: this.commit(resource, plan.object, writer), gone: false }
  }

  watch(resource: Resource, notify: (event: RegistryEvent) => void): () => void {
    return this.storage.watch(resource, notify)
  }

  private readonly lookup: Lookup = (resource, namespace, name) =>
    this.storage.store.get(keyOf(resource, namespace, name))?.value as KubeObject | undefined

  private existing(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const found = this.storage.read(resource, namespace, name)
    if (!found) throw notFound(resource, name)
    return found
  }

  private decode(resource: Resource, given: unknown, writer: Writer): KubeObject {
    const value = isObject(given) && !resource.custom ? withType(resource, given) : given
    const { object, warnings } = this.kinds.decodeObject(resource, value, writer.fieldValidation ?? 'Warn')
    for (const warning of warnings) writer.warn?.(warning)
    return object
  }

  /** A new object ready to be stored. `owners` are those of an apply; any other writer owns what it set. */
  private finished(
    resource: Resource,
    decoded: KubeObject,
    namespace: string | undefined,
    writer: Writer,
    owners: { readonly managedFields: ManagedFields } | undefined,
  ): KubeObject {
    checks.checkNamespace(resource, decoded, namespace)
    const home = resource.namespaced ? namespace : undefined
    admitNamespace(resource, home, decoded.metadata.name ?? '', this.lookup)
    let object = this.kinds.applyDefaults(resource, decoded)
    const live = emptyObject(resource, this.kinds.schemaOf(resource))
    const managedFields = owners
      ? owners.managedFields
      : this.ownersOf(resource, withoutStatus(resource, object), undefined, live, writer, undefined)
    object = this.policy.defaulted(resource, admitNew(resource, object, home, this.lookup), home)
    object = {
      ...object,
      metadata: newMetadata(resource, { ...object.metadata, managedFields }, home, this.clock.now()),
    }
    object = this.kinds.prepare(resource, object, undefined, undefined)
    const { name } = object.metadata
    if (!name) {
      const error = requiredValue('metadata.name', 'name or generateName is required')
      throw invalid(resource.kind, resource.group, '', [error])
    }
    this.validate(resource, object, undefined, [], writer)
    this.policy.check(resource, object, undefined)
    const present = this.storage.read(resource, home, name)
    if (present) throw alreadyExists(resource, name, present.metadata.deletionTimestamp !== undefined)
    return this.allocated(resource, object)
  }

  /** @throws ApiError 422 with what was found before and what the kind finds */
  private validate(
    resource: Resource,
    object: KubeObject,
    old: KubeObject | undefined,
    found: readonly FieldError[],
    writer: Writer,
  ): void {
    const errors = [...found, ...this.kinds.validate(resource, object, old)]
    if (errors.length > 0) throw invalid(resource.kind, kindGroup(resource), object.metadata.name, errors)
    for (const text of warningsOf(resource, object, old)) writer.warn?.(text)
  }

  /** Puts `decoded` in the place of `old`: what update and patch have in common. */
  private replace(
    resource: Resource,
    old: KubeObject,
    decoded: KubeObject,
    writer: Writer,
    subresource: string | undefined,
    owners?: { readonly managedFields: ManagedFields },
  ): KubeObject {
    const { name, resourceVersion } = old.metadata
    const given = decoded.metadata
    if (given.resourceVersion && given.resourceVersion !== resourceVersion) throw modified(resource, name)
    let object = this.kinds.applyDefaults(resource, decoded)
    // The real server checks metadata for all kinds alike and then again for each kind, so that each cause is told twice.
    const metadata = metadataErrors(checks.withDeletionMarks(given, old), old.metadata)
    object = { ...object, metadata: updatedMetadata(object.metadata, old.metadata) }
    object = this.kinds.prepare(resource, object, old, subresource)
    this.validate(resource, object, old, [...metadata, ...metadata], writer)
    const { managedFields } = owners ?? {
      managedFields: this.ownersOf(resource, object, given.managedFields, old, writer, subresource),
    }
    const rises = resource.hasGeneration && subresource !== 'status' && generationRises(resource, object, old)
    const generation = rises ? (old.metadata.generation ?? 0) + 1 : old.metadata.generation
    object = this.allocated(resource, { ...object, metadata: { ...object.metadata, generation, managedFields } })
    if (equal(unversioned(object), unversioned(old))) return old
    if (subresource === undefined) this.policy.check(resource, object, old)
    if (isOver(object)) return writer.dryRun ? object : this.storage.erase(resource, object)
    if (!writer.dryRun) return this.commit(resource, object, writer)
    return { ...object, metadata: { ...object.metadata, resourceVersion } }
  }

  /** Server-side apply. */
  private apply(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    body: unknown,
    writer: Writer,
    subresource: string | undefined,
  ): { object: KubeObject; created: boolean } {
    if (subresource === 'scale') throw badRequest('server-side apply to the scale subresource is not supported here')
    const config = configurationOf(resource, namespace, name, body, this.kinds.schemaOf(resource))
    const old = this.storage.read(resource, namespace, name)
    if (!old && subresource) throw notFound(resource, name)
    const { uid, resourceVersion, ...metadata } = config.metadata
    if (!old && uid) {
      const text = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
      throw conflict(resource, name, text)
    }
    if (old && resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw modified(resource, name)
    const ownStatus = resource.subresources.includes('status')
    const ignored = subresource === 'status' ? ['f:spec'] : ownStatus ? ['f:status'] : []
    const empty = emptyObject(resource, this.kinds.schemaOf(resource))
    const { object, managedFields } = applyConfiguration(
      { ...config, metadata: { ...metadata, ...(old && uid ? { uid } : {}) } },
      writer.force ?? false,
      FieldSet.of(...ignored),
      empty,
      this.writeOf(resource, old ?? empty, writer, subresource, 'Apply'),
    )
    const decoded = this.decode(resource, object, writer)
    if (old)
      return { object: this.replace(resource, old, decoded, writer, subresource, { managedFields }), created: false }
    const made = this.finished(resource, decoded, namespace, writer, { managedFields })
    return { object: this.commit(resource, made, writer), created: true }
  }

  private writeOf(
    resource: Resource,
    live: KubeObject,
    writer: Writer,
    subresource: string | undefined,
    operation: 'Apply' | 'Update',
  ) {
    const manager = {
      manager: writer.fieldManager,
      operation,
      apiVersion: groupVersion(resource),
      ...(subresource ? { subresource } : {}),
    }
    return { schema: this.kinds.schemaOf(resource), manager, time: timestamp(this.clock.now()), live }
  }

  private ownersOf(
    resource: Resource,
    object: KubeObject,
    given: ManagedFields,
    live: KubeObject,
    writer: Writer,
    subresource: string | undefined,
  ): ManagedFields {
    return ownersAfterUpdate(object, given, this.writeOf(resource, live, writer, subresource, 'Update'))
  }

  private allocated(resource: Resource, object: KubeObject): KubeObject {
    if (!isService(resource)) return object
    const others = this.storage.list(resource, undefined).filter((other) => other.metadata.uid !== object.metadata.uid)
    return allocate(object, others)
  }

  private commit(resource: Resource, object: KubeObject, writer: Writer): KubeObject {
    if (writer.dryRun) return object
    const stored =
      resource.plural === 'events' ? this.table.find('', 'events') : this.table.find(resource.group, resource.plural)
    return this.storage.write(resource, stored ?? resource, object)
  }
}

/** Errors of an Event have no group, whichever of its two shapes is written. */
const kindGroup = ({ group }: Resource) => (group === 'events.k8s.io' ? '' : group)

const isService = (resource: Resource) => resource.group === '' && resource.plural === 'services'

/** The path tells a built-in kind's version and kind, so the body may leave them out. */
function withType(resource: Resource, given: Json): Json {
  const { apiVersion, kind } = given
  if (apiVersion && kind) return given
  return { ...given, apiVersion: apiVersion || groupVersion(resource), kind: kind || resource.kind }
}

function withoutStatus(resource: Resource, object: KubeObject): KubeObject {
  if (!resource.subresources.includes('status')) return object
  const { status: _, ...rest } = object
  return rest as KubeObject
}

/** What tells whether a write changes anything: neither the version nor the times of managedFields do. */
function unversioned(object: KubeObject): KubeObject {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata
  const entries = managedFields?.map(({ time: _, ...entry }) => entry)
  return { ...object, metadata: { ...metadata, managedFields: entries } } as KubeObject
}
