import { applyMergePatch, equalJson } from '../../core/json.ts'
import {
  type DiscoveredResource,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListOptions,
  type ResourceId,
  type WatchEvent,
} from '../../core/kube-client.ts'

const kind = (group: string, version: string, plural: string, name: string, namespaced = true): DiscoveredResource => ({
  group,
  version,
  plural,
  kind: name,
  namespaced,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [],
})

const KINDS: readonly DiscoveredResource[] = [
  kind('', 'v1', 'configmaps', 'ConfigMap'),
  kind('', 'v1', 'secrets', 'Secret'),
  kind('', 'v1', 'services', 'Service'),
  kind('', 'v1', 'pods', 'Pod'),
  kind('', 'v1', 'events', 'Event'),
  kind('', 'v1', 'namespaces', 'Namespace', false),
  kind('apps', 'v1', 'deployments', 'Deployment'),
  kind('argoproj.io', 'v1alpha1', 'applications', 'Application'),
  kind('argoproj.io', 'v1alpha1', 'appprojects', 'AppProject'),
]

type Watcher = { readonly plural: string; readonly options: ListOptions; readonly notify: (event: WatchEvent) => void }

/** As much of an API server in memory as Argo CD's programs need: no defaults, no validation, no controllers. */
export class FakeKube implements KubeClient {
  private readonly objects = new Map<string, KubeObject>()
  private readonly watchers = new Set<Watcher>()
  private version = 0

  async discover(): Promise<readonly DiscoveredResource[]> {
    return KINDS
  }

  async get(resource: ResourceId, name: string, namespace?: string): Promise<KubeObject> {
    return structuredClone(this.find(resource, name, namespace))
  }

  async list(resource: ResourceId, options: ListOptions = {}) {
    const items = [...this.objects].flatMap(([key, object]) =>
      key.startsWith(`${resource.plural}/`) && matches(object, options) ? [structuredClone(object)] : [],
    )
    return { items, resourceVersion: String(this.version) }
  }

  async create(resource: ResourceId, object: KubeObject): Promise<KubeObject> {
    const { name, namespace } = object.metadata
    if (this.objects.has(keyOf(resource, name, namespace)))
      throw new KubeError(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`)
    const metadata = { ...object.metadata, uid: crypto.randomUUID(), creationTimestamp: '2026-01-01T00:00:00Z' }
    return this.store(resource, { ...structuredClone(object), metadata }, 'ADDED')
  }

  async update(resource: ResourceId, object: KubeObject): Promise<KubeObject> {
    const before = this.find(resource, object.metadata.name, object.metadata.namespace)
    this.checkVersion(before, object.metadata.resourceVersion)
    const { uid, creationTimestamp } = before.metadata
    return this.change(resource, before, { ...object, metadata: { ...object.metadata, uid, creationTimestamp } })
  }

  async patch(
    resource: ResourceId,
    name: string,
    namespace: string | undefined,
    type: string,
    patch: unknown,
    options: { dryRun?: boolean } = {},
  ): Promise<KubeObject> {
    if (type === 'apply' && !this.objects.has(keyOf(resource, name, namespace)))
      return this.create(resource, patch as KubeObject)
    const before = this.find(resource, name, namespace)
    this.checkVersion(before, (patch as KubeObject).metadata?.resourceVersion)
    const after = applyMergePatch(before, patch) as KubeObject
    return options.dryRun ? after : this.change(resource, before, after)
  }

  async delete(resource: ResourceId, name: string, namespace?: string): Promise<void> {
    const before = this.find(resource, name, namespace)
    if (!before.metadata.finalizers?.length) this.drop(resource, before)
    else this.change(resource, before, withDeletion(before))
  }

  watch(
    resource: ResourceId,
    options: ListOptions,
    handler: { onSync?: (objects: readonly KubeObject[]) => void; onEvent: (event: WatchEvent) => void },
    signal: AbortSignal,
  ): void {
    void this.list(resource, options).then(({ items }) => {
      if (signal.aborted) return
      handler.onSync?.(items)
      const watcher = { plural: resource.plural, options, notify: handler.onEvent }
      this.watchers.add(watcher)
      signal.addEventListener('abort', () => this.watchers.delete(watcher), { once: true })
    })
  }

  private find(resource: ResourceId, name: string, namespace?: string): KubeObject {
    const found = this.objects.get(keyOf(resource, name, namespace))
    if (!found) throw new KubeError(404, 'NotFound', `${resource.plural} "${name}" not found`)
    return found
  }

  private checkVersion(object: KubeObject, version: string | undefined): void {
    if (version !== undefined && version !== object.metadata.resourceVersion)
      throw new KubeError(409, 'Conflict', 'the object has been modified')
  }

  private change(resource: ResourceId, before: KubeObject, after: KubeObject): KubeObject {
    const old = { ...after, metadata: { ...after.metadata, resourceVersion: before.metadata.resourceVersion } }
    if (equalJson(old, before)) return structuredClone(before)
    const stored = this.store(resource, structuredClone(after), 'MODIFIED')
    if (stored.metadata.deletionTimestamp && !stored.metadata.finalizers?.length) this.drop(resource, stored)
    return stored
  }

  private store(resource: ResourceId, object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    object.metadata.resourceVersion = String(++this.version)
    this.objects.set(keyOf(resource, object.metadata.name, object.metadata.namespace), object)
    this.tell(resource, type, object)
    return structuredClone(object)
  }

  private drop(resource: ResourceId, object: KubeObject): void {
    this.objects.delete(keyOf(resource, object.metadata.name, object.metadata.namespace))
    this.tell(resource, 'DELETED', {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++this.version) },
    })
  }

  private tell(resource: ResourceId, type: WatchEvent['type'], object: KubeObject): void {
    for (const { plural, options, notify } of this.watchers)
      if (plural === resource.plural && matches(object, options))
        setImmediate(() => notify({ type, object: structuredClone(object) }))
  }
}

const keyOf = ({ plural }: ResourceId, name: string, namespace = ''): string => `${plural}/${namespace}/${name}`

const withDeletion = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
})

function matches({ metadata }: KubeObject, { namespace, labelSelector, fieldSelector }: ListOptions): boolean {
  if (namespace && metadata.namespace !== namespace) return false
  if (labelSelector && metadata.labels?.[labelSelector] === undefined) return false
  const name = /^metadata\.name=(.*)$/.exec(fieldSelector ?? '')?.[1]
  return name === undefined || name === metadata.name
}
