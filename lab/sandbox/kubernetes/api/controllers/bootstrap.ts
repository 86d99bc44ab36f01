import type { KubeObject, Writer } from '../../types.ts'
import { IMMORTAL_NAMESPACES } from '../registry/admission.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES } from './default-roles.ts'

const WRITER: Writer = {
  user: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
  fieldManager: 'kube-apiserver',
}

const RBAC = 'rbac.authorization.k8s.io'
const PRIORITIES = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2000000000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2000001000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
]

/** Stores what a new cluster has from the start. What is there already is left as it is. */
export function bootstrap(registry: StoreRegistry): void {
  const ensure = (group: string, plural: string, object: object, namespace?: string): KubeObject | undefined => {
    const resource = registry.find(group, plural)
    if (!resource) return undefined
    const { name } = (object as KubeObject).metadata
    return (
      registry.storage.read(resource, namespace, name) ??
      registry.create(resource, namespace, object as KubeObject, WRITER)
    )
  }
  for (const name of IMMORTAL_NAMESPACES) ensure('', 'namespaces', { metadata: { name } })
  for (const role of CLUSTER_ROLES) ensure(RBAC, 'clusterroles', role)
  for (const object of CLUSTER_ROLE_BINDINGS) ensure(RBAC, 'clusterrolebindings', object)
  for (const priority of PRIORITIES) ensure('scheduling.k8s.io', 'priorityclasses', priority)
}

/** Stores the Service `kubernetes` and where it leads: this server. */
export function publishEndpoint(registry: StoreRegistry, port: number): void {
  const metadata = { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } }
  const put = (group: string, plural: string, object: object) => {
    const resource = registry.find(group, plural)
    if (!resource) return
    const found = registry.storage.read(resource, 'default', 'kubernetes')
    if (!found) registry.create(resource, 'default', object as KubeObject, WRITER)
    else registry.update(resource, 'default', 'kubernetes', { ...found, ...object, metadata: found.metadata }, WRITER)
  }
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }]
  put('', 'services', { metadata, spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports } })
  const targets = [{ name: 'https', port, protocol: 'TCP' }]
  put('', 'endpoints', {
    metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: targets }],
  })
  put('discovery.k8s.io', 'endpointslices', {
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
    ports: targets,
  })
}
