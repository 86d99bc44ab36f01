import type { KubeObject, OwnerReference, Resource, Writer } from '../../types.ts'
import { groupVersion } from '../registry/conversion.ts'
import { partsOf, ROOT } from '../registry/keys.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:serviceaccount:kube-system:generic-garbage-collector',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  fieldManager: 'kube-controller-manager',
}

/** Deletes objects of any kind whose owners are gone, and carries out foreground and orphan deletions. */
export class GarbageCollector implements Controller {
  /** Keys of the objects that name an owner, by its uid. */
  private readonly dependents = new Map<string, Set<string>>()
  private readonly keys = new Map<string, string>()
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.queue = new WorkQueue(clock, (key) => this.reconcile(key), log)
    const { store, feed } = registry.storage
    for (const { key, value } of store.list(ROOT)) this.index(key, value as KubeObject)
    this.unsubscribe = feed.subscribe('', (change) => {
      const { key, value } = change.entry
      if (change.type === 'put') {
        if (change.previous) this.forget(key, change.previous.value as KubeObject)
        this.index(key, value as KubeObject)
      } else {
        this.forget(key, value as KubeObject)
        this.wake(value as KubeObject)
      }
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private index(key: string, { metadata }: KubeObject): void {
    if (metadata.uid) this.keys.set(metadata.uid, key)
    for (const { uid } of metadata.ownerReferences ?? []) {
      const found = this.dependents.get(uid)
      if (found) found.add(key)
      else this.dependents.set(uid, new Set([key]))
    }
    if (metadata.ownerReferences?.length || metadata.deletionTimestamp) this.queue.add(key)
  }

  private forget(key: string, { metadata }: KubeObject): void {
    if (metadata.uid && this.keys.get(metadata.uid) === key) this.keys.delete(metadata.uid)
    for (const { uid } of metadata.ownerReferences ?? []) {
      const found = this.dependents.get(uid)
      found?.delete(key)
      if (found?.size === 0) this.dependents.delete(uid)
    }
  }

  /** After an object went: whoever it owned, and owners that waited for it. */
  private wake({ metadata }: KubeObject): void {
    for (const key of this.dependents.get(metadata.uid ?? '') ?? []) this.queue.add(key)
    for (const { uid } of metadata.ownerReferences ?? []) {
      const owner = this.keys.get(uid)
      if (owner) this.queue.add(owner)
    }
  }

  private read(key: string): { resource: Resource; object: KubeObject } | undefined {
    const { group, plural, namespace, name } = partsOf(key)
    const resource = this.registry.find(group, plural)
    const object = resource && this.registry.storage.read(resource, namespace, name)
    return object && { resource, object }
  }

  private reconcile(key: string): void {
    const found = this.read(key)
    if (!found) return
    const { object } = found
    const { deletionTimestamp, finalizers = [] } = object.metadata
    if (deletionTimestamp && finalizers.includes('orphan')) this.orphan(found.resource, object)
    else if (deletionTimestamp && finalizers.includes('foregroundDeletion')) this.foreground(found.resource, object)
    else if (!deletionTimestamp) this.collect(found.resource, object)
  }

  /** Takes an owner's references away from its dependents, then lets it go. */
  private orphan(resource: Resource, owner: KubeObject): void {
    for (const { resource, object } of this.dependentsOf(owner)) {
      this.keepOwners(resource, object, ({ uid }) => uid !== owner.metadata.uid)
    }
    this.dropFinalizer(resource, owner, 'orphan')
  }

  /** Deletes an owner's dependents and lets it go when none is left that blocks. */
  private foreground(resource: Resource, owner: KubeObject): void {
    const dependents = this.dependentsOf(owner)
    for (const { resource, object } of dependents)
      if (!object.metadata.deletionTimestamp) this.collect(resource, object)
    const blocks = ({ uid, blockOwnerDeletion }: OwnerReference) => uid === owner.metadata.uid && blockOwnerDeletion
    const left = this.dependentsOf(owner).filter(({ object }) => object.metadata.ownerReferences?.some(blocks))
    if (left.length === 0) this.dropFinalizer(resource, owner, 'foregroundDeletion')
  }

  /** Deletes an object whose owners are all gone or going; references to missing ones are taken from any other. */
  private collect(resource: Resource, object: KubeObject): void {
    const references = object.metadata.ownerReferences ?? []
    if (references.length === 0) return
    const states = references.map((reference) => this.stateOf(reference, object))
    if (states.every((state) => state === 'present')) return
    if (states.includes('present')) {
      this.keepOwners(resource, object, (_, at) => states[at] === 'present')
      return
    }
    const waits = states.includes('waiting') && this.dependents.has(object.metadata.uid ?? '')
    const { namespace, name, uid } = object.metadata
    const options = { propagationPolicy: waits ? 'Foreground' : undefined, preconditions: { uid } } as const
    this.registry.remove(resource, namespace, name, options, WRITER)
  }

  private stateOf(reference: OwnerReference, dependent: KubeObject): 'present' | 'waiting' | 'absent' {
    const kinds = this.registry
      .resources()
      .some((resource) => resource.kind === reference.kind && groupVersion(resource) === reference.apiVersion)
    // A kind that is not served now may come back: nothing is concluded from its absence.
    if (!kinds) return 'present'
    const key = this.keys.get(reference.uid)
    const owner = key === undefined ? undefined : this.read(key)?.object
    if (!owner) return 'absent'
    const { namespace, deletionTimestamp, finalizers } = owner.metadata
    if (namespace !== undefined && namespace !== dependent.metadata.namespace) return 'absent'
    return deletionTimestamp && finalizers?.includes('foregroundDeletion') ? 'waiting' : 'present'
  }

  private dependentsOf(owner: KubeObject): { resource: Resource; object: KubeObject }[] {
    const keys = [...(this.dependents.get(owner.metadata.uid ?? '') ?? [])]
    return keys.flatMap((key) => this.read(key) ?? [])
  }

  private keepOwners(
    resource: Resource,
    { metadata }: KubeObject,
    keep: (reference: OwnerReference, at: number) => boolean,
  ): void {
    const ownerReferences = metadata.ownerReferences?.filter(keep)
    this.patch(resource, metadata, { ownerReferences: ownerReferences?.length ? ownerReferences : null })
  }

  private dropFinalizer(resource: Resource, { metadata }: KubeObject, name: string): void {
    this.patch(resource, metadata, { finalizers: metadata.finalizers?.filter((finalizer) => finalizer !== name) ?? [] })
  }

  private patch(resource: Resource, { namespace, name, uid }: KubeObject['metadata'], metadata: object): void {
    const patch = { type: 'merge', body: { metadata: { uid, ...metadata } } } as const
    this.registry.patch(resource, namespace, name, patch, WRITER)
  }
}
