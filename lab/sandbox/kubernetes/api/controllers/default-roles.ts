const RBAC = 'rbac.authorization.k8s.io'
const READ = ['get', 'list', 'watch']
const WRITE = [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection']

/** What `edit` and `view` grant in a namespace, without Secrets for those who only look. */
const WORKLOADS = [
  { apiGroups: ['apps', 'batch', 'autoscaling', 'policy', 'networking.k8s.io', 'discovery.k8s.io'], resources: ['*'] },
  {
    apiGroups: [''],
    resources: [
      ...['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'pods/log', 'pods/status', 'events'],
      ...['replicationcontrollers', 'replicationcontrollers/scale', 'serviceaccounts', 'services', 'services/status'],
    ],
  },
]
const CONNECT = [
  'secrets',
  'pods/attach',
  'pods/exec',
  'pods/portforward',
  'pods/proxy',
  'pods/eviction',
  'services/proxy',
]
const workloads = (verbs: readonly string[]) => WORKLOADS.map((rule) => ({ ...rule, verbs }))

const label = (role: string) => ({ [`${RBAC}/aggregate-to-${role}`]: 'true' })
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

/** A role whose rules are those of all that are labelled for it; those of a cluster come from `system:aggregate-to-…`. */
const aggregated = (name: string, more: object = {}) => ({
  metadata: { name, labels: { ...labels, ...more } },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: label(name) }] },
})
const part = (of: string, rules: readonly object[]) => ({
  metadata: { name: `system:aggregate-to-${of}`, labels: { ...labels, ...label(of) } },
  rules,
})

/** The ClusterRoles of a new cluster that are for people: `cluster-admin`, `admin`, `edit`, `view`. */
export const CLUSTER_ROLES: readonly object[] = [
  {
    metadata: { name: 'cluster-admin', labels },
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  },
  aggregated('admin'),
  aggregated('edit', label('admin')),
  aggregated('view', label('edit')),
  part('admin', [{ apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: WRITE }]),
  part('edit', [...workloads(WRITE), { apiGroups: [''], resources: CONNECT, verbs: WRITE }]),
  part('view', workloads(READ)),
]

const binding = (name: string, group: string, more: object) => ({
  metadata: { name, ...more },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'Group', apiGroup: RBAC, name: group }],
})

/** Who is `cluster-admin` in a new cluster. */
export const CLUSTER_ROLE_BINDINGS: readonly object[] = [
  binding('cluster-admin', 'system:masters', { labels }),
  binding('kubeadm:cluster-admins', 'kubeadm:cluster-admins', {}),
]
