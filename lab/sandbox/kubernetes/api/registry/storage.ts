import type { Entry, Store } from '../../../core/store.ts'
import type { KubeObject, RegistryEvent, Resource } from '../../types.ts'
import type { Feed } from './feed.ts'
import { keyOf, prefixOf } from './keys.ts'

/** Objects in the Store. The resourceVersion is the entry's revision: set on the way out, never stored. */
export class Storage {
  private readonly views = new WeakMap<Entry, KubeObject>()

  constructor(
    readonly store: Store,
    readonly feed: Feed,
    /** An object as a version of its resource shows it. */
    readonly toVersion: (resource: Resource, object: KubeObject) => KubeObject,
  ) {}

  /** The object of an entry with its resourceVersion; the same one each time. */
  view(entry: Entry, resource: Resource): KubeObject {
    let object = this.views.get(entry)
    if (!object) {
      object = withVersion(entry.value as KubeObject, entry.revision)
      this.views.set(entry, object)
    }
    return this.toVersion(resource, object)
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
    const value = this.toVersion(stored, { ...object, metadata })
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
        const object = this.toVersion(resource, withVersion(change.entry.value as KubeObject, change.revision))
        notify({ type: 'DELETED', object, previous: this.view(change.entry, resource) })
      } else {
        const previous = change.previous && this.view(change.previous, resource)
        notify({ type: previous ? 'MODIFIED' : 'ADDED', object: this.view(change.entry, resource), previous })
      }
    })
  }
}

/** The same object under another resourceVersion. Fields are in the order in which the real server writes them. */
export function withVersion({ kind, apiVersion, metadata, ...rest }: KubeObject, revision: number): KubeObject {
  const { name, generateName, namespace, uid, resourceVersion: _, ...others } = metadata
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(namespace ? { namespace } : {}),
      uid,
      resourceVersion: String(revision),
      ...others,
    },
    ...rest,
  }
}
