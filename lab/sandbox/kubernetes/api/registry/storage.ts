import type { Entry, Store } from '../../../core/store.ts'
import type { KubeObject, RegistryEvent, Resource } from '../../types.ts'
import { toVersion } from './conversion.ts'
import type { Feed } from './feed.ts'
import { keyOf, prefixOf } from './keys.ts'

/** Objects in the Store. The resourceVersion is the entry's revision: set on the way out, never stored. */
export class Storage {
  private readonly views = new WeakMap<Entry, KubeObject>()

  constructor(
    readonly store: Store,
    readonly feed: Feed,
  ) {}

  /** The object of an entry with its resourceVersion; the same one each time. */
  view(entry: Entry, resource: Resource): KubeObject {
    let object = this.views.get(entry)
    if (!object) {
      object = withVersion(entry.value as KubeObject, entry.revision)
      this.views.set(entry, object)
    }
    return toVersion(object, resource)
  }

  read(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    const entry = this.store.get(keyOf(resource, namespace, name))
    return entry && this.view(entry, resource)
  }

  list(resource: Resource, namespace: string | undefined): KubeObject[] {
    return this.store.list(prefixOf(resource, namespace)).map((entry) => this.view(entry, resource))
  }

  /** Stores an object in the version `stored` and returns it as it came, with its new resourceVersion. */
  write(resource: Resource, stored: Resource, object: KubeObject): KubeObject {
    const { resourceVersion: _, ...metadata } = object.metadata
    const value = toVersion({ ...object, metadata }, stored)
    return this.view(this.store.put(keyOf(resource, metadata.namespace, metadata.name), value), resource)
  }

  /** Deletes an object; the version that it gets is the revision of the deletion. */
  erase(resource: Resource, object: KubeObject): KubeObject {
    this.store.delete(keyOf(resource, object.metadata.namespace, object.metadata.name))
    return withVersion(object, this.store.revision)
  }

  watch(resource: Resource, notify: (event: RegistryEvent) => void): () => void {
    return this.feed.subscribe(prefixOf(resource), (change) => {
      if (change.type === 'delete') {
        const object = toVersion(withVersion(change.entry.value as KubeObject, change.revision), resource)
        notify({ type: 'DELETED', object, previous: this.view(change.entry, resource) })
      } else {
        const previous = change.previous && this.view(change.previous, resource)
        notify({ type: previous ? 'MODIFIED' : 'ADDED', object: this.view(change.entry, resource), previous })
      }
    })
  }
}

/** The same object under another resourceVersion. */
export const withVersion = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
})
