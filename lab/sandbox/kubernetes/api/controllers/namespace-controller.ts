import type { KubeObject, Resource, Writer } from '../../types.ts'
import { keyOf, partsOf } from '../registry/keys.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { equal, timestamp } from '../registry/values.ts'
import { type Condition, withConditions } from './conditions.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:serviceaccount:kube-system:namespace-controller',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  fieldManager: 'kube-controller-manager',
}

/** Empties namespaces that are being deleted, and lets them go when nothing is left. */
export class NamespaceController implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void
  private readonly resource: Resource

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.resource = registry.find('', 'namespaces') as Resource
    this.queue = new WorkQueue(clock, (name) => this.reconcile(name), log)
    for (const { metadata } of registry.storage.list(this.resource, undefined)) this.queue.add(metadata.name)
    this.unsubscribe = registry.storage.feed.subscribe('', ({ type, entry }) => {
      const { group, plural, name, namespace } = partsOf(entry.key)
      if (group === '' && plural === 'namespaces') {
        if (type === 'put' && (entry.value as KubeObject).metadata.deletionTimestamp) this.queue.add(name)
      } else if (namespace && this.isTerminating(namespace)) this.queue.add(namespace)
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private isTerminating(name: string): boolean {
    const entry = this.registry.storage.store.get(keyOf(this.resource, undefined, name))
    return (entry?.value as KubeObject | undefined)?.metadata.deletionTimestamp !== undefined
  }

  private reconcile(name: string): void {
    const namespace = this.registry.storage.read(this.resource, undefined, name)
    if (!namespace?.metadata.deletionTimestamp) return
    if (!(namespace['spec']?.finalizers ?? []).includes('kubernetes')) return
    for (const { resource, objects } of this.content(name)) {
      for (const { metadata } of objects) {
        if (metadata.deletionTimestamp) continue
        this.registry.remove(resource, name, metadata.name, { propagationPolicy: 'Background' }, WRITER)
      }
    }
    const left = this.content(name)
    if (left.length > 0) this.report(namespace, left)
    else this.finalize(namespace)
  }

  /** What a namespace holds, by resource. */
  private content(namespace: string): { resource: Resource; objects: KubeObject[] }[] {
    const { registry } = this
    return registry
      .resources()
      .filter((resource) => resource.namespaced && resource.verbs.includes('delete') && isPreferred(registry, resource))
      .map((resource) => ({ resource, objects: registry.storage.list(resource, namespace) }))
      .filter(({ objects }) => objects.length > 0)
  }

  private report(namespace: KubeObject, left: { resource: Resource; objects: KubeObject[] }[]): void {
    const remaining = left.map(
      ({ resource, objects }) => `${resource.plural}.${resource.group} has ${objects.length} resource instances`,
    )
    const finalizers = new Map<string, number>()
    for (const object of left.flatMap(({ objects }) => objects)) {
      for (const finalizer of object.metadata.finalizers ?? []) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
      }
    }
    const holders = [...finalizers].sort().map(([finalizer, count]) => `${finalizer} in ${count} resource instances`)
    const status = {
      ...namespace['status'],
      conditions: withConditions(
        namespace['status']?.conditions,
        conditionsOf(remaining, holders),
        timestamp(this.registry.clock.now()),
      ),
    }
    if (equal(status, namespace['status'])) return
    this.registry.update(this.resource, undefined, namespace.metadata.name, { ...namespace, status }, WRITER, 'status')
  }

  private finalize(namespace: KubeObject): void {
    const finalizers = namespace['spec'].finalizers.filter((name: string) => name !== 'kubernetes')
    const released = { ...namespace, spec: { ...namespace['spec'], finalizers } }
    this.registry.update(this.resource, undefined, namespace.metadata.name, released, WRITER, 'finalize')
  }
}

/** Core events and `events.k8s.io` events are the same objects, and so are the versions of a resource. */
const isPreferred = (registry: StoreRegistry, resource: Resource): boolean =>
  resource.group !== 'events.k8s.io' && registry.find(resource.group, resource.plural) === resource

function conditionsOf(remaining: readonly string[], holders: readonly string[]): Condition[] {
  const condition = (type: string, bad: boolean, reason: string, message: string): Condition => ({
    type,
    status: bad ? 'True' : 'False',
    reason,
    message,
  })
  const content = 'All content successfully deleted, may be waiting on finalization'
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition('NamespaceDeletionContentFailure', false, 'ContentDeleted', content),
    condition(
      'NamespaceContentRemaining',
      true,
      'SomeResourcesRemain',
      `Some resources are remaining: ${remaining.join(', ')}`,
    ),
    holders.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${holders.join(', ')}`,
        )
      : condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ]
}
