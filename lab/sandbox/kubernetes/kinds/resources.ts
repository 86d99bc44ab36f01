import type { Resource } from '../types.ts'

type Traits = {
  /** Short names, blank separated. */
  readonly short?: string
  readonly categories?: string
  readonly cluster?: true
  readonly sub?: string
  readonly verbs?: readonly string[]
  readonly generation?: true
  readonly singular?: string
}

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const CREATE = ['create']

const words = (text: string | undefined): readonly string[] => (text ? text.split(' ') : [])

const groupOf =
  (group: string, version: string) =>
  (plural: string, kind: string, traits: Traits = {}): Resource => ({
    group,
    version,
    plural,
    kind,
    singular: traits.singular ?? kind.toLowerCase(),
    namespaced: !traits.cluster,
    shortNames: words(traits.short),
    categories: words(traits.categories),
    verbs: traits.verbs ?? ALL,
    subresources: words(traits.sub),
    hasGeneration: traits.generation ?? false,
  })

const core = groupOf('', 'v1')
const admission = groupOf('admissionregistration.k8s.io', 'v1')
const extensions = groupOf('apiextensions.k8s.io', 'v1')
const apps = groupOf('apps', 'v1')
const authentication = groupOf('authentication.k8s.io', 'v1')
const authorization = groupOf('authorization.k8s.io', 'v1')
const autoscaling1 = groupOf('autoscaling', 'v1')
const autoscaling2 = groupOf('autoscaling', 'v2')
const batch = groupOf('batch', 'v1')
const coordination = groupOf('coordination.k8s.io', 'v1')
const discovery = groupOf('discovery.k8s.io', 'v1')
const events = groupOf('events.k8s.io', 'v1')
const networking = groupOf('networking.k8s.io', 'v1')
const policy = groupOf('policy', 'v1')
const rbac = groupOf('rbac.authorization.k8s.io', 'v1')
const scheduling = groupOf('scheduling.k8s.io', 'v1')
const storage = groupOf('storage.k8s.io', 'v1')

const PROXIED = { sub: 'proxy status' } as const

/**
 * The built-in resources that the API server serves, in the order in which kubectl lists them: the core group first,
 * then the groups by name. The preferred version of a group with several comes first.
 */
export const builtInResources: readonly Resource[] = [
  core('bindings', 'Binding', { verbs: CREATE }),
  core('componentstatuses', 'ComponentStatus', { short: 'cs', cluster: true, verbs: ['get', 'list'] }),
  core('configmaps', 'ConfigMap', { short: 'cm' }),
  core('endpoints', 'Endpoints', { short: 'ep', singular: 'endpoints' }),
  core('events', 'Event', { short: 'ev' }),
  core('limitranges', 'LimitRange', { short: 'limits' }),
  core('namespaces', 'Namespace', {
    short: 'ns',
    cluster: true,
    sub: 'finalize status',
    verbs: ALL.filter((verb) => verb !== 'deletecollection'),
  }),
  core('nodes', 'Node', { short: 'no', cluster: true, ...PROXIED }),
  core('persistentvolumeclaims', 'PersistentVolumeClaim', { short: 'pvc', sub: 'status' }),
  core('persistentvolumes', 'PersistentVolume', { short: 'pv', cluster: true, sub: 'status' }),
  core('pods', 'Pod', {
    short: 'po',
    categories: 'all',
    generation: true,
    sub: 'attach binding eviction exec log portforward proxy status',
  }),
  core('podtemplates', 'PodTemplate', { generation: true }),
  core('replicationcontrollers', 'ReplicationController', {
    short: 'rc',
    categories: 'all',
    sub: 'scale status',
    generation: true,
  }),
  core('resourcequotas', 'ResourceQuota', { short: 'quota', sub: 'status' }),
  core('secrets', 'Secret'),
  core('serviceaccounts', 'ServiceAccount', { short: 'sa', sub: 'token' }),
  core('services', 'Service', { short: 'svc', categories: 'all', ...PROXIED }),

  admission('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', {
    categories: 'api-extensions',
    cluster: true,
    generation: true,
  }),
  admission('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', {
    categories: 'api-extensions',
    cluster: true,
    sub: 'status',
    generation: true,
  }),
  admission('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', {
    categories: 'api-extensions',
    cluster: true,
    generation: true,
  }),
  admission('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', {
    categories: 'api-extensions',
    cluster: true,
    generation: true,
  }),

  extensions('customresourcedefinitions', 'CustomResourceDefinition', {
    short: 'crd crds',
    categories: 'api-extensions',
    cluster: true,
    sub: 'status',
    generation: true,
  }),

  apps('controllerrevisions', 'ControllerRevision'),
  apps('daemonsets', 'DaemonSet', { short: 'ds', categories: 'all', sub: 'status', generation: true }),
  apps('deployments', 'Deployment', { short: 'deploy', categories: 'all', sub: 'scale status', generation: true }),
  apps('replicasets', 'ReplicaSet', { short: 'rs', categories: 'all', sub: 'scale status', generation: true }),
  apps('statefulsets', 'StatefulSet', { short: 'sts', categories: 'all', sub: 'scale status', generation: true }),

  authentication('selfsubjectreviews', 'SelfSubjectReview', { cluster: true, verbs: CREATE }),
  authentication('tokenreviews', 'TokenReview', { cluster: true, verbs: CREATE }),

  authorization('localsubjectaccessreviews', 'LocalSubjectAccessReview', { verbs: CREATE }),
  authorization('selfsubjectaccessreviews', 'SelfSubjectAccessReview', { cluster: true, verbs: CREATE }),
  authorization('selfsubjectrulesreviews', 'SelfSubjectRulesReview', { cluster: true, verbs: CREATE }),
  authorization('subjectaccessreviews', 'SubjectAccessReview', { cluster: true, verbs: CREATE }),

  autoscaling2('horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
    short: 'hpa',
    categories: 'all',
    sub: 'status',
    generation: true,
  }),
  autoscaling1('horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
    short: 'hpa',
    categories: 'all',
    sub: 'status',
    generation: true,
  }),

  batch('cronjobs', 'CronJob', { short: 'cj', categories: 'all', sub: 'status', generation: true }),
  batch('jobs', 'Job', { categories: 'all', sub: 'status', generation: true }),

  coordination('leases', 'Lease'),

  discovery('endpointslices', 'EndpointSlice', { generation: true }),

  events('events', 'Event', { short: 'ev' }),

  networking('ingressclasses', 'IngressClass', { cluster: true, generation: true }),
  networking('ingresses', 'Ingress', { short: 'ing', sub: 'status', generation: true }),
  networking('networkpolicies', 'NetworkPolicy', { short: 'netpol', generation: true }),

  policy('poddisruptionbudgets', 'PodDisruptionBudget', { short: 'pdb', sub: 'status', generation: true }),

  rbac('clusterrolebindings', 'ClusterRoleBinding', { cluster: true }),
  rbac('clusterroles', 'ClusterRole', { cluster: true }),
  rbac('rolebindings', 'RoleBinding'),
  rbac('roles', 'Role'),

  scheduling('priorityclasses', 'PriorityClass', { short: 'pc', cluster: true, generation: true }),

  storage('csidrivers', 'CSIDriver', { cluster: true, generation: true }),
  storage('csinodes', 'CSINode', { cluster: true }),
  storage('storageclasses', 'StorageClass', { short: 'sc', cluster: true }),
  storage('volumeattachments', 'VolumeAttachment', { cluster: true, sub: 'status' }),
]

/**
 * Where the objects of a resource are kept: core events and `events.k8s.io` events are two shapes of one store, and so
 * are the versions of `horizontalpodautoscalers`. Equal strings mean one store.
 */
export const storageOf = (resource: Resource): string =>
  resource.group === 'events.k8s.io' ? '/events' : `${resource.group}/${resource.plural}`
