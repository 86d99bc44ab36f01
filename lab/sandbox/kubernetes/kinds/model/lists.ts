/** How a list merges: by server-side apply (`list`, `keys`) and by a strategic merge patch (`merge`). */
export type ListFact = {
  readonly list?: 'map' | 'set'
  readonly keys?: readonly string[]
  readonly merge?: string
  readonly mergeScalars?: boolean
}

/** The same keys for both kinds of merge; a strategic merge knows the first one only. */
const by = (...keys: string[]): ListFact => ({ list: 'map', keys, merge: keys[0] as string })
/** Keys for server-side apply; a strategic merge replaces the list. */
const applyBy = (...keys: string[]): ListFact => ({ list: 'map', keys })
/** Keys for a strategic merge; server-side apply takes the list as one value. */
const patchBy = (merge: string): ListFact => ({ merge })

/** Lists that are not atomic, as `Type.field`. */
export const listFacts: Readonly<Record<string, ListFact>> = {
  'ObjectMeta.finalizers': { list: 'set', mergeScalars: true },
  'ObjectMeta.ownerReferences': by('uid'),
  'PodSpec.containers': by('name'),
  'PodSpec.initContainers': by('name'),
  'PodSpec.ephemeralContainers': by('name'),
  'PodSpec.volumes': by('name'),
  'PodSpec.imagePullSecrets': by('name'),
  'PodSpec.hostAliases': by('ip'),
  'PodSpec.topologySpreadConstraints': by('topologyKey', 'whenUnsatisfiable'),
  'PodSpec.schedulingGates': by('name'),
  'PodSpec.resourceClaims': by('name'),
  'PodStatus.conditions': by('type'),
  'PodStatus.podIPs': by('ip'),
  'PodStatus.hostIPs': patchBy('ip'),
  'PodStatus.resourceClaimStatuses': by('name'),
  'Container.ports': by('containerPort', 'protocol'),
  'Container.env': by('name'),
  'Container.volumeMounts': by('mountPath'),
  'Container.volumeDevices': by('devicePath'),
  'EphemeralContainer.ports': by('containerPort', 'protocol'),
  'EphemeralContainer.env': by('name'),
  'EphemeralContainer.volumeMounts': by('mountPath'),
  'EphemeralContainer.volumeDevices': by('devicePath'),
  'ResourceRequirements.claims': applyBy('name'),
  'ContainerStatus.volumeMounts': by('mountPath'),
  'ContainerStatus.allocatedResourcesStatus': by('name'),
  'ServiceSpec.ports': by('port', 'protocol'),
  'ServiceStatus.conditions': by('type'),
  'ServiceAccount.secrets': by('name'),
  'NamespaceStatus.conditions': by('type'),
  'NodeSpec.podCIDRs': { list: 'set', mergeScalars: true },
  'NodeStatus.addresses': by('type'),
  'NodeStatus.conditions': by('type'),
  'PersistentVolumeClaimStatus.conditions': by('type'),
  'ReplicationControllerStatus.conditions': by('type'),
  'ComponentStatus.conditions': by('type'),
  'DeploymentStatus.conditions': by('type'),
  'ReplicaSetStatus.conditions': by('type'),
  'StatefulSetStatus.conditions': by('type'),
  'DaemonSetStatus.conditions': by('type'),
  'JobStatus.conditions': patchBy('type'),
  'PodDisruptionBudgetStatus.conditions': by('type'),
  'HorizontalPodAutoscalerStatus.conditions': by('type'),
  'Endpoint.addresses': { list: 'set' },
  'UncountedTerminatedPods.succeeded': { list: 'set' },
  'UncountedTerminatedPods.failed': { list: 'set' },
  'PodFailurePolicyOnExitCodesRequirement.values': { list: 'set' },
  'CSIDriverSpec.volumeLifecycleModes': { list: 'set' },
  'ValidatingAdmissionPolicyBindingSpec.validationActions': { list: 'set' },
  'CustomResourceDefinitionStatus.conditions': applyBy('type'),
  'JSONSchemaProps.x-kubernetes-validations': by('rule'),
  'CSINodeSpec.drivers': by('name'),
  'MutatingWebhookConfiguration.webhooks': by('name'),
  'ValidatingWebhookConfiguration.webhooks': by('name'),
  'MutatingWebhook.matchConditions': by('name'),
  'ValidatingWebhook.matchConditions': by('name'),
  'ValidatingAdmissionPolicySpec.matchConditions': by('name'),
  'ValidatingAdmissionPolicySpec.variables': by('name'),
  'ValidatingAdmissionPolicyStatus.conditions': applyBy('type'),
}

/** Objects of which a strategic merge patch may name the keys that stay (`$retainKeys`). */
export const retainKeys: ReadonlySet<string> = new Set([
  'PodSpec.volumes',
  'PodSpec.resourceClaims',
  'PodStatus.resourceClaimStatuses',
  'DeploymentSpec.strategy',
])

/** Types that server-side apply takes as one value. */
export const atomicTypes: ReadonlySet<string> = new Set([
  'ConfigMapKeySelector',
  'CrossVersionObjectReference',
  'EndpointAddress',
  'EndpointPort',
  'FileKeySelector',
  'LabelSelector',
  'LocalObjectReference',
  'MatchResources',
  'NamedRuleWithOperations',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'OwnerReference',
  'ParamKind',
  'ParamRef',
  'ResourceFieldSelector',
  'RoleRef',
  'ScopeSelector',
  'SecretKeySelector',
  'SecretReference',
  'ServiceBackendPort',
  'Subject',
  'TopologySelectorTerm',
  'TypedLocalObjectReference',
  'Variable',
])

/** Maps that server-side apply takes as one value, as `Type.field`. */
export const atomicMaps: ReadonlySet<string> = new Set([
  'PodSpec.nodeSelector',
  'ServiceSpec.selector',
  'ReplicationControllerSpec.selector',
  'IngressBackend.resource',
])
