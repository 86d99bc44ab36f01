import type { KubeObject, Resource, Writer } from '../../types.ts'
import { partsOf } from '../registry/keys.ts'
import { matcherOf } from '../registry/label-selector.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { equal, timestamp } from '../registry/values.ts'
import { withConditions } from './conditions.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:serviceaccount:kube-system:disruption-controller',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  fieldManager: 'kube-controller-manager',
}

const SCALABLE: Readonly<Record<string, { group: string; plural: string }>> = {
  ReplicaSet: { group: 'apps', plural: 'replicasets' },
  StatefulSet: { group: 'apps', plural: 'statefulsets' },
  ReplicationController: { group: '', plural: 'replicationcontrollers' },
}

const isReady = (pod: KubeObject): boolean =>
  !pod.metadata.deletionTimestamp &&
  (pod['status']?.conditions ?? []).some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  )

/** A number of Pods, absolute or as a percentage of all, rounded up. */
function amount(value: number | string, all: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) / 100) * all)
}

/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed or refused. */
export class DisruptionController implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void
  private readonly budgets: Resource
  private readonly pods: Resource

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.budgets = registry.find('policy', 'poddisruptionbudgets') as Resource
    this.pods = registry.find('', 'pods') as Resource
    this.queue = new WorkQueue(clock, (namespace) => this.reconcile(namespace), log)
    for (const { metadata } of registry.storage.list(this.budgets, undefined)) this.queue.add(metadata.namespace ?? '')
    this.unsubscribe = registry.storage.feed.subscribe('', ({ entry }) => {
      const { plural, namespace } = partsOf(entry.key)
      if (namespace && (plural === 'pods' || plural === 'poddisruptionbudgets')) this.queue.add(namespace)
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private reconcile(namespace: string): void {
    const budgets = this.registry.storage.list(this.budgets, namespace)
    if (budgets.length === 0) return
    const pods = this.registry.storage.list(this.pods, namespace)
    for (const budget of budgets) this.update(budget, pods)
  }

  private update(budget: KubeObject, all: readonly KubeObject[]): void {
    const { spec, metadata } = budget
    const selects = matcherOf(spec.selector)
    const pods = all.filter(({ metadata: { labels } }) => selects(labels))
    const expectedPods =
      spec.maxUnavailable === undefined && typeof spec.minAvailable === 'number' ? pods.length : this.expected(pods)
    const desiredHealthy =
      spec.maxUnavailable === undefined
        ? amount(spec.minAvailable ?? 0, expectedPods)
        : Math.max(0, expectedPods - amount(spec.maxUnavailable, expectedPods))
    const currentHealthy = pods.filter(isReady).length
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0
    const condition = {
      type: 'DisruptionAllowed',
      status: disruptionsAllowed > 0 ? ('True' as const) : ('False' as const),
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: metadata.generation,
    }
    const status = {
      ...budget['status'],
      conditions: withConditions(budget['status']?.conditions, [condition], timestamp(this.registry.clock.now())),
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
      expectedPods,
      observedGeneration: metadata.generation,
    }
    if (equal(status, budget['status'])) return
    this.registry.update(this.budgets, metadata.namespace, metadata.name, { ...budget, status }, WRITER, 'status')
  }

  /** How many Pods the controllers of these Pods want; a Pod without one counts for itself. */
  private expected(pods: readonly KubeObject[]): number {
    const wanted = new Map<string, number>()
    for (const { metadata } of pods) {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller)
      const target = SCALABLE[owner?.kind ?? '']
      const resource = target && this.registry.find(target.group, target.plural)
      const found = resource && owner && this.registry.storage.read(resource, metadata.namespace, owner.name)
      wanted.set(owner?.uid ?? metadata.uid ?? metadata.name, found ? (found['spec'].replicas ?? 1) : 1)
    }
    return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0)
  }
}
