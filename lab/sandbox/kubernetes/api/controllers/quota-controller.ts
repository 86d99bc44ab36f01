import type { KubeObject, Resource, Writer } from '../../types.ts'
import { partsOf } from '../registry/keys.ts'
import { usedOf } from '../registry/quotas.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { equal } from '../registry/values.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:serviceaccount:kube-system:resourcequota-controller',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  fieldManager: 'kube-controller-manager',
}

/** Keeps the status of ResourceQuotas: what is used of what they limit. */
export class QuotaController implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void
  private readonly quotas: Resource

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.quotas = registry.find('', 'resourcequotas') as Resource
    this.queue = new WorkQueue(clock, (namespace) => this.reconcile(namespace), log)
    for (const { metadata } of registry.storage.list(this.quotas, undefined))
      this.queue.add(metadata.namespace as string)
    this.unsubscribe = registry.storage.feed.subscribe('', ({ entry }) => {
      const { namespace } = partsOf(entry.key)
      if (namespace && this.of(namespace).length > 0) this.queue.add(namespace)
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private of(namespace: string): KubeObject[] {
    return this.registry.storage.list(this.quotas, namespace)
  }

  private reconcile(namespace: string): void {
    const content = this.registry.policy.content(namespace)
    for (const quota of this.of(namespace)) {
      const status = { hard: quota['spec']?.hard ?? {}, used: usedOf(quota, content) }
      if (equal(status, quota['status'])) continue
      this.registry.update(this.quotas, namespace, quota.metadata.name, { ...quota, status }, WRITER, 'status')
    }
  }
}
