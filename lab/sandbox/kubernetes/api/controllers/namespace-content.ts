import type { KubeObject, Resource, Writer } from '../../types.ts'
import { partsOf } from '../registry/keys.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
  fieldManager: 'kube-controller-manager',
}

export const ROOT_CA = 'kube-root-ca.crt'

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Gives every namespace its service account `default` and the certificate of the API server, and keeps them there. */
export class NamespaceContent implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void

  constructor(
    private readonly registry: StoreRegistry,
    private readonly ca: string,
    { clock, log }: ControllerOptions,
  ) {
    this.queue = new WorkQueue(clock, (name) => this.reconcile(name), log)
    const namespaces = registry.find('', 'namespaces') as Resource
    for (const { metadata } of registry.storage.list(namespaces, undefined)) this.reconcile(metadata.name)
    this.unsubscribe = registry.storage.feed.subscribe('', ({ type, entry }) => {
      const { group, plural, namespace, name } = partsOf(entry.key)
      if (group !== '') return
      if (plural === 'namespaces' && type === 'put') this.queue.add(name)
      if (plural === 'serviceaccounts' && name === 'default' && type === 'delete') this.queue.add(namespace as string)
      if (plural === 'configmaps' && name === ROOT_CA) this.queue.add(namespace as string)
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private reconcile(namespace: string): void {
    const found = this.registry.storage.read(this.registry.find('', 'namespaces') as Resource, undefined, namespace)
    if (!found || found.metadata.deletionTimestamp) return
    this.ensure('serviceaccounts', namespace, { metadata: { name: 'default' } })
    const annotations = { 'kubernetes.io/description': DESCRIPTION }
    const data = { 'ca.crt': this.ca }
    const rootCa = this.ensure('configmaps', namespace, { metadata: { name: ROOT_CA, annotations }, data })
    if (rootCa['data']?.['ca.crt'] === this.ca) return
    const resource = this.registry.find('', 'configmaps') as Resource
    this.registry.update(resource, namespace, ROOT_CA, { ...rootCa, data }, WRITER)
  }

  private ensure(
    plural: string,
    namespace: string,
    object: { metadata: { name: string; [field: string]: unknown }; [field: string]: unknown },
  ): KubeObject {
    const resource = this.registry.find('', plural) as Resource
    const found = this.registry.storage.read(resource, namespace, object.metadata.name)
    return found ?? this.registry.create(resource, namespace, object as KubeObject, WRITER)
  }
}
