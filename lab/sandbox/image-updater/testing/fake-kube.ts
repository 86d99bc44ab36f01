import {
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListOptions,
  type ResourceId,
  type WatchEvent,
} from '../../core/kube-client.ts'

/** As much of an API server as the updater talks to: objects in memory, merge patches, watches. */
export class FakeKube implements KubeClient {
  private readonly objects = new Map<string, KubeObject>()
  private readonly watches = new Set<{
    plural: string
    namespace: string | undefined
    notify(event: WatchEvent): void
  }>()
  private version = 0

  put(plural: string, object: KubeObject): void {
    const key = keyOf(plural, object.metadata.namespace, object.metadata.name)
    const old = this.objects.get(key)
    const generation =
      old && JSON.stringify(old['spec']) === JSON.stringify(object['spec'])
        ? old.metadata.generation
        : (old?.metadata.generation ?? 0) + 1
    const metadata = { ...object.metadata, generation, resourceVersion: String(++this.version) }
    const stored = { ...structuredClone(object), metadata }
    this.objects.set(key, stored)
    this.notify(plural, { type: old ? 'MODIFIED' : 'ADDED', object: stored })
  }

  find(plural: string, name: string, namespace = 'argocd'): KubeObject | undefined {
    return this.objects.get(keyOf(plural, namespace, name))
  }

  all(plural: string): KubeObject[] {
    return [...this.objects].flatMap(([key, object]) => (key.startsWith(`${plural}/`) ? [object] : []))
  }

  async get({ plural }: ResourceId, name: string, namespace?: string): Promise<KubeObject> {
    const found = this.objects.get(keyOf(plural, namespace, name))
    if (!found) throw new KubeError(404, 'NotFound', `${plural} "${name}" not found`)
    return structuredClone(found)
  }

  async list({ plural }: ResourceId, { namespace, labelSelector }: ListOptions = {}) {
    const [key = '', value] = labelSelector?.split('=') ?? []
    const items = this.all(plural).filter(
      ({ metadata }) => (!namespace || metadata.namespace === namespace) && (!key || metadata.labels?.[key] === value),
    )
    return { items: structuredClone(items), resourceVersion: String(this.version) }
  }

  async create({ plural }: ResourceId, object: KubeObject): Promise<KubeObject> {
    this.put(plural, object)
    return this.get({ group: '', version: '', plural }, object.metadata.name, object.metadata.namespace)
  }

  async update(resource: ResourceId, object: KubeObject): Promise<KubeObject> {
    const current = await this.get(resource, object.metadata.name, object.metadata.namespace)
    if (current.metadata.resourceVersion !== object.metadata.resourceVersion)
      throw new KubeError(409, 'Conflict', 'conflict')
    this.put(resource.plural, object)
    return object
  }

  async patch(
    resource: ResourceId,
    name: string,
    namespace: string | undefined,
    _type: string,
    patch: unknown,
  ): Promise<KubeObject> {
    const { metadata, ...rest } = patch as KubeObject
    const current = await this.get(resource, name, namespace)
    this.put(resource.plural, { ...current, ...rest, metadata: { ...current.metadata, ...metadata } })
    return this.get(resource, name, namespace)
  }

  async delete({ plural }: ResourceId, name: string, namespace?: string): Promise<void> {
    const key = keyOf(plural, namespace, name)
    const object = this.objects.get(key)
    if (object) this.notify(plural, { type: 'DELETED', object })
    this.objects.delete(key)
  }

  async discover() {
    return []
  }

  watch(
    { plural }: ResourceId,
    { namespace }: ListOptions,
    handler: Parameters<KubeClient['watch']>[2],
    signal: AbortSignal,
  ): void {
    const watch = { plural, namespace, notify: handler.onEvent }
    this.watches.add(watch)
    signal.addEventListener('abort', () => this.watches.delete(watch))
    handler.onSync?.(this.all(plural).filter(({ metadata }) => !namespace || metadata.namespace === namespace))
  }

  private notify(plural: string, event: WatchEvent): void {
    for (const watch of this.watches) {
      if (watch.plural === plural && (!watch.namespace || watch.namespace === event.object.metadata.namespace))
        watch.notify(event)
    }
  }
}

const keyOf = (plural: string, namespace: string | undefined, name: string): string => `${plural}/${namespace}/${name}`
