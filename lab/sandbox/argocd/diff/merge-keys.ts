const BUILT_IN = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'node.k8s.io',
  'certificates.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
])

/** Whether a group is Kubernetes' own, so that clients know its Go types and use strategic merge patches. */
export const isBuiltInGroup = (group: string): boolean => BUILT_IN.has(group)

const CONTAINERS = new Set(['containers', 'initContainers', 'ephemeralContainers'])

const BY_FIELD: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  schedulingGates: 'name',
  resourceClaims: 'name',
  conditions: 'type',
  ownerReferences: 'uid',
  webhooks: 'name',
}

/**
 * How a strategic merge patch merges a list of a built-in kind: the key of its items, `scalars` for a set, undefined
 * for a list that is replaced as a whole. `path` holds the names of the fields that lead to it, without indices.
 */
export function mergeKeyOf(kind: string, path: readonly string[]): string | undefined {
  const field = path.at(-1) ?? ''
  const parent = path.at(-2) ?? ''
  if (field === 'finalizers' && parent === 'metadata') return 'scalars'
  if (field === 'ports') {
    if (CONTAINERS.has(parent)) return 'containerPort'
    return kind === 'Service' && parent === 'spec' ? 'port' : undefined
  }
  if (field === 'secrets') return kind === 'ServiceAccount' ? 'name' : undefined
  return BY_FIELD[field]
}
