import { type Change, Informer, objectOf } from '../../core/informer.ts'
import type { DiscoveredResource, KubeClient, KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import { resourceKey } from '../json.ts'

type Kind = { readonly resource: DiscoveredResource; readonly informer?: Informer; readonly stop: AbortController }

/**
 * Every object of the cluster that an Application could own, kept by one watch a kind, and the children of each.
 * Kinds that appear later (CustomResourceDefinitions) join by themselves.
 */
export class ClusterCache {
  private readonly kinds = new Map<string, Kind>()
  private readonly children = new Map<string, Map<string, KubeObject>>()
  private discovering: Promise<void> | undefined
  private again = false

  constructor(
    private readonly kube: KubeClient,
    private readonly isExcluded: (group: string, kind: string) => boolean,
    private readonly signal: AbortSignal,
    private readonly notify: (change: Change) => void,
  ) {}

  /** Asks the API server for its kinds again and resolves once each new one has been listed. */
  async discover(): Promise<void> {
    if (this.discovering) {
      this.again = true
      return this.discovering
    }
    const round = async () => {
      do {
        this.again = false
        await this.discoverOnce()
      } while (this.again && !this.signal.aborted)
    }
    this.discovering = round().finally(() => {
      this.discovering = undefined
    })
    return this.discovering
  }

  resource(group: string, kind: string): DiscoveredResource | undefined {
    return this.kinds.get(`${group}/${kind}`)?.resource
  }

  get(group: string, kind: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.kinds.get(`${group}/${kind}`)?.informer?.get(name, namespace)
  }

  /** Every object known. */
  *all(): Generator<KubeObject> {
    for (const { informer } of this.kinds.values()) if (informer) yield* informer.list()
  }

  childrenOf(uid: string | undefined): KubeObject[] {
    return [...(this.children.get(uid ?? '')?.values() ?? [])]
  }

  /** The object above this one that nobody owns, or this one. */
  rootOf(object: KubeObject): KubeObject {
    let [current, depth] = [object, 0]
    while (depth++ < 10) {
      const owner = current.metadata.ownerReferences?.[0]
      const above = owner && this.get(groupOf(owner), owner.kind, current.metadata.namespace, owner.name)
      if (!above) return current
      current = above
    }
    return current
  }

  /** Takes in what a write returned. */
  observe(object: KubeObject): void {
    const known = this.kinds.get(`${groupOf(object)}/${object.kind}`)
    if (known?.resource.version === versionOf(object)) known.informer?.put(object)
  }

  private async discoverOnce(): Promise<void> {
    const found = new Map((await this.kube.discover()).map((item) => [`${item.group}/${item.kind}`, item]))
    for (const [key, kind] of this.kinds) {
      const now = found.get(key)
      if (now?.version === kind.resource.version && now.plural === kind.resource.plural) continue
      kind.stop.abort()
      this.kinds.delete(key)
      for (const object of kind.informer?.list() ?? []) this.changed({ before: object, after: undefined })
    }
    const waits: Promise<void>[] = []
    for (const [key, resource] of found) {
      if (this.kinds.has(key)) continue
      const stop = new AbortController()
      const watched =
        resource.verbs.includes('watch') &&
        resource.verbs.includes('list') &&
        !this.isExcluded(resource.group, resource.kind)
      const informer = watched
        ? new Informer(this.kube, resource, {}, AbortSignal.any([stop.signal, this.signal]), (c) => this.changed(c))
        : undefined
      this.kinds.set(key, { resource, stop, ...(informer ? { informer } : {}) })
      if (informer) waits.push(informer.ready)
    }
    await Promise.all(waits)
  }

  private changed(change: Change): void {
    const { before, after } = change
    const object = objectOf(change)
    const key = resourceKey(object)
    for (const owner of before?.metadata.ownerReferences ?? []) this.children.get(owner.uid)?.delete(key)
    if (after) {
      for (const owner of after.metadata.ownerReferences ?? []) {
        const siblings = this.children.get(owner.uid) ?? new Map<string, KubeObject>()
        this.children.set(owner.uid, siblings.set(key, object))
      }
    }
    if (!after) this.children.delete(object.metadata.uid ?? '')
    if (object.kind === 'CustomResourceDefinition') void this.discover().catch(() => {})
    this.notify(change)
  }
}
