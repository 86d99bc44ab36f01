import type { Store } from '../../../core/store.ts'
import type { KubeObject, Resource } from '../../types.ts'
import type { Kinds } from '../kinds.ts'
import { prefixOf } from './keys.ts'

/** Holds a CustomResourceDefinition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

export const DEFINITIONS = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' } as const

/** The resources that are served now: the built-in ones and those of the stored CustomResourceDefinitions. */
export class ResourceTable {
  private custom = new Map<string, readonly Resource[]>()
  private all: readonly Resource[]
  private byName = new Map<string, readonly Resource[]>()

  constructor(
    private readonly kinds: Kinds,
    store: Store,
  ) {
    const prefix = prefixOf(DEFINITIONS)
    for (const { key, value } of store.list(prefix)) this.define(key, value as KubeObject)
    this.all = this.rebuild()
    store.subscribe(prefix, (change) => {
      if (change.type === 'put') this.define(change.entry.key, change.entry.value as KubeObject)
      else this.custom.delete(change.entry.key)
      this.all = this.rebuild()
    })
  }

  list(): readonly Resource[] {
    return this.all
  }

  /** The versions of a resource, the preferred one first. */
  versions(group: string, plural: string): readonly Resource[] {
    return this.byName.get(`${group}/${plural}`) ?? []
  }

  find(group: string, plural: string, version?: string): Resource | undefined {
    const versions = this.versions(group, plural)
    return version === undefined ? versions[0] : versions.find((resource) => resource.version === version)
  }

  private define(key: string, definition: KubeObject): void {
    const conditions: { type: string; status: string }[] = definition['status']?.conditions ?? []
    const established = conditions.some(({ type, status }) => type === 'Established' && status === 'True')
    this.custom.set(key, established ? this.kinds.customResource(definition) : [])
  }

  private rebuild(): readonly Resource[] {
    const all = [...this.kinds.builtInResources, ...[...this.custom.values()].flat()]
    this.byName = new Map()
    for (const resource of all) {
      const name = `${resource.group}/${resource.plural}`
      this.byName.set(name, [...(this.byName.get(name) ?? []), resource])
    }
    return all
  }
}
