import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf } from '../../core/kube-objects.ts'

/** What an object is known by, without its version. */
export type Identity = {
  readonly namespace: string
  readonly name: string
  readonly group: string
  readonly kind: string
}

export type InventoryEntry = { readonly id: string; readonly v: string }

export const identityOf = (object: KubeObject): Identity => ({
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
  group: groupOf(object),
  kind: object.kind,
})

/** `Deployment/apps/web`, `Namespace/demo`: kind, namespace if there is one, name. */
export const subjectText = ({ namespace, name, kind }: Identity): string =>
  namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`

/** Names of RBAC objects may hold colons, which an inventory id writes as two underscores. */
const RBAC = 'rbac.authorization.k8s.io'

/** `<namespace>_<name>_<group>_<kind>` */
export const inventoryId = ({ namespace, name, group, kind }: Identity): string =>
  `${namespace}_${group === RBAC ? name.replaceAll(':', '__') : name}_${group}_${kind}`

/** Undefined for a text that is no inventory id. */
export function parseInventoryId(id: string): Identity | undefined {
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id)
  if (!match) return undefined
  const [, namespace = '', name = '', group = '', kind = ''] = match
  return { namespace, name: group === RBAC ? name.replaceAll('__', ':') : name, group, kind }
}

const FIRST = [
  ...['CustomResourceDefinition', 'Namespace', 'ClusterRole', 'ClusterClass', 'RuntimeClass', 'PriorityClass'],
  ...['StorageClass', 'VolumeSnapshotClass', 'IngressClass', 'GatewayClass', 'ClusterRoleBinding', 'ResourceQuota'],
  ...['ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'Secret', 'Service', 'LimitRange', 'Deployment'],
  ...['StatefulSet', 'CronJob', 'PodDisruptionBudget'],
]
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

const rank = (kind: string): number =>
  FIRST.includes(kind) ? FIRST.indexOf(kind) - FIRST.length : LAST.indexOf(kind) + 1

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The order in which Flux applies objects; it deletes in the opposite one. */
export const compareIdentities = (a: Identity, b: Identity): number =>
  rank(a.kind) - rank(b.kind) ||
  compareText(a.group, b.group) ||
  compareText(a.kind, b.kind) ||
  compareText(a.namespace, b.namespace) ||
  compareText(a.name, b.name)

/** Definitions and namespaces, then classes, then everything else. */
export function stagesOf(objects: readonly KubeObject[]): readonly (readonly KubeObject[])[] {
  const isDefinition = (object: KubeObject) =>
    (object.kind === 'CustomResourceDefinition' && groupOf(object) === 'apiextensions.k8s.io') ||
    (object.kind === 'Namespace' && object.apiVersion === 'v1') ||
    (object.kind === 'ClusterRole' && groupOf(object) === RBAC)
  const isClass = (object: KubeObject) => !isDefinition(object) && object.kind.endsWith('Class')
  return [
    objects.filter(isDefinition),
    objects.filter(isClass),
    objects.filter((object) => !isDefinition(object) && !isClass(object)),
  ].map((stage) => [...stage].sort((a, b) => compareIdentities(identityOf(a), identityOf(b))))
}
