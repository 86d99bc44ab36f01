import type { KubeObject, Resource } from '../../types.ts'
import { defaultCustom } from '../custom/defaults.ts'
import { modelOfResource } from '../model/model.ts'
import { type Json, normalize } from '../normalize.ts'
import * as others from './others.ts'
import { defaultPodSpec } from './pod.ts'
import * as workloads from './workloads.ts'

const defaulters: Readonly<Record<string, (object: Json) => void>> = {
  '/Pod': ({ spec }) => defaultPodSpec(spec, true),
  '/PodTemplate': ({ template }) => defaultPodSpec(template.spec),
  '/ReplicationController': workloads.defaultReplicationController,
  '/Service': others.defaultService,
  '/Secret': others.defaultSecret,
  '/Namespace': others.defaultNamespace,
  '/LimitRange': others.defaultLimitRange,
  '/PersistentVolume': others.defaultPersistentVolume,
  '/PersistentVolumeClaim': workloads.defaultClaim,
  '/Endpoints': others.defaultEndpoints,
  'apps/Deployment': workloads.defaultDeployment,
  'apps/ReplicaSet': workloads.defaultReplicaSet,
  'apps/StatefulSet': workloads.defaultStatefulSet,
  'apps/DaemonSet': workloads.defaultDaemonSet,
  'batch/Job': workloads.defaultJob,
  'batch/CronJob': workloads.defaultCronJob,
  'autoscaling/HorizontalPodAutoscaler': others.defaultAutoscaler,
  'discovery.k8s.io/EndpointSlice': others.defaultEndpointSlice,
  'networking.k8s.io/NetworkPolicy': others.defaultNetworkPolicy,
  'networking.k8s.io/IngressClass': others.defaultIngressClass,
  'rbac.authorization.k8s.io/RoleBinding': others.defaultRoleBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': others.defaultRoleBinding,
  'scheduling.k8s.io/PriorityClass': others.defaultPriorityClass,
  'storage.k8s.io/StorageClass': others.defaultStorageClass,
  'storage.k8s.io/CSIDriver': others.defaultCsiDriver,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': others.defaultMutatingWebhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': others.defaultWebhooks,
  'apiextensions.k8s.io/CustomResourceDefinition': others.defaultDefinition,
  'authentication.k8s.io/TokenRequest': others.defaultTokenRequest,
}

/**
 * A new object with the defaults of its kind, in the form in which the API server stores it: empty optional fields are
 * gone, `stringData` is in `data`, quantities are canonical. Custom resources get the defaults of their schema. Takes
 * what `decodeObject` gave.
 */
export function applyDefaults(resource: Resource, object: KubeObject): KubeObject {
  if (resource.custom) return defaultCustom(resource.custom, object)
  const model = modelOfResource(resource)
  if (!model) throw new Error(`no schema for ${resource.group}/${resource.version} ${resource.kind}`)
  const result = normalize(model, object)
  defaulters[`${resource.group}/${resource.kind}`]?.(result)
  return result
}
