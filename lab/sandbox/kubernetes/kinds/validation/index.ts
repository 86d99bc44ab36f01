import type { FieldError, KubeObject, Resource } from '../../types.ts'
import { validateCustom } from '../custom/validate.ts'
import { validateDefinition, validateDefinitionUpdate } from '../custom/validate-definition.ts'
import * as batch from './batch.ts'
import * as config from './config.ts'
import { validateMetadata } from './metadata.ts'
import * as networking from './networking.ts'
import * as others from './others.ts'
import { podTemplateErrors, validatePod } from './pod.ts'
import * as rbac from './rbac.ts'
import { validateService } from './service.ts'
import * as workloads from './workloads.ts'

type Validator = (object: KubeObject, old: KubeObject | undefined) => FieldError[]

const validators: Readonly<Record<string, Validator>> = {
  '/Pod': validatePod,
  '/PodTemplate': ({ template }) => podTemplateErrors(template, 'template'),
  '/ConfigMap': config.validateConfigMap,
  '/Secret': config.validateSecret,
  '/Service': validateService,
  '/LimitRange': config.validateLimitRange,
  '/ResourceQuota': config.validateResourceQuota,
  '/PersistentVolumeClaim': config.validateClaim,
  '/PersistentVolume': config.validateVolume,
  '/ReplicationController': workloads.validateReplicationController,
  '/Event': others.validateEvent,
  'events.k8s.io/Event': others.validateEvent,
  'apps/Deployment': workloads.validateDeployment,
  'apps/ReplicaSet': workloads.validateReplicaSet,
  'apps/StatefulSet': workloads.validateStatefulSet,
  'apps/DaemonSet': workloads.validateDaemonSet,
  'batch/Job': batch.validateJob,
  'batch/CronJob': batch.validateCronJob,
  'autoscaling/HorizontalPodAutoscaler': others.validateAutoscaler,
  'autoscaling/Scale': others.validateScale,
  'policy/PodDisruptionBudget': others.validateDisruptionBudget,
  'scheduling.k8s.io/PriorityClass': others.validatePriorityClass,
  'networking.k8s.io/Ingress': networking.validateIngress,
  'networking.k8s.io/NetworkPolicy': networking.validateNetworkPolicy,
  'rbac.authorization.k8s.io/Role': rbac.validateRole,
  'rbac.authorization.k8s.io/ClusterRole': rbac.validateClusterRole,
  'rbac.authorization.k8s.io/RoleBinding': rbac.validateRoleBinding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': rbac.validateClusterRoleBinding,
  'storage.k8s.io/StorageClass': others.validateStorageClass,
  'discovery.k8s.io/EndpointSlice': others.validateEndpointSlice,
  'coordination.k8s.io/Lease': others.validateLease,
  'authentication.k8s.io/TokenRequest': others.validateTokenRequest,
  'authorization.k8s.io/SubjectAccessReview': others.validateAccessReview,
  'authorization.k8s.io/SelfSubjectAccessReview': others.validateAccessReview,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': others.validateWebhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': others.validateWebhooks,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': others.validatePolicyBinding,
  'apiextensions.k8s.io/CustomResourceDefinition': (object, old) =>
    old ? validateDefinitionUpdate(object, old) : validateDefinition(object),
}

/**
 * What is wrong with an object that is to be created (`old` undefined) or to replace `old`; empty if nothing is.
 * Defaults must have been applied and the strategy run. Changes to the server's own metadata are not judged here.
 */
export function validate(resource: Resource, object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const metadata = validateMetadata(resource, object)
  if (resource.custom) return [...metadata, ...validateCustom(resource, object, old)]
  return [...metadata, ...(validators[`${resource.group}/${resource.kind}`]?.(object, old) ?? [])]
}
