import type { KubeObject, Resource, Schema } from '../../types.ts'
import { groupVersion } from '../registry/conversion.ts'
import type { Json } from '../registry/values.ts'

const TEMPLATE: Json = { metadata: {}, spec: { containers: [] } }

/** Structures of built-in kinds that the real server's empty object already has, so that creating them owns nothing. */
const SPECS: Readonly<Record<string, Json>> = {
  pods: { containers: [] },
  podtemplates: {},
  replicationcontrollers: {},
  'deployments.apps': { template: TEMPLATE, strategy: {} },
  'replicasets.apps': { template: TEMPLATE },
  'statefulsets.apps': { template: TEMPLATE, updateStrategy: {} },
  'daemonsets.apps': { template: TEMPLATE, updateStrategy: {} },
  'jobs.batch': { template: TEMPLATE },
  'cronjobs.batch': { jobTemplate: { metadata: {}, spec: { template: TEMPLATE } } },
  'horizontalpodautoscalers.autoscaling': { scaleTargetRef: {} },
  'customresourcedefinitions.apiextensions.k8s.io': { names: {}, versions: [] },
}

const OTHERS: Readonly<Record<string, Json>> = {
  events: { involvedObject: {}, source: {} },
  'rolebindings.rbac.authorization.k8s.io': { roleRef: {} },
  'clusterrolebindings.rbac.authorization.k8s.io': { roleRef: {} },
  'roles.rbac.authorization.k8s.io': { rules: [] },
  'clusterroles.rbac.authorization.k8s.io': { rules: [] },
  'endpointslices.discovery.k8s.io': { endpoints: [], ports: [] },
}

/** An object of a resource with nothing in it, as the real server compares a new one with. */
export function emptyObject(resource: Resource, schema: Schema | undefined): KubeObject {
  const name = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  const base = { apiVersion: groupVersion(resource), kind: resource.kind, metadata: {} }
  if (resource.custom) return base as KubeObject
  return {
    ...base,
    ...(schema?.fields?.['spec'] ? { spec: SPECS[name] ?? {} } : {}),
    ...(schema?.fields?.['status'] ? { status: name === 'services' ? { loadBalancer: {} } : {} } : {}),
    ...OTHERS[name],
  } as unknown as KubeObject
}
