import type { KubeObject, Resource } from '../../types.ts'
import { forbidden, notFound } from './errors.ts'

export const NAMESPACES = { group: '', plural: 'namespaces', namespaced: false } as const
export const SERVICE_ACCOUNTS = { group: '', plural: 'serviceaccounts', namespaced: true } as const

/** Namespaces that the API server itself needs. */
export const IMMORTAL_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Reads a stored object by resource, namespace and name. */
export type Lookup = (
  resource: { group: string; plural: string; namespaced: boolean },
  namespace: string | undefined,
  name: string,
) => KubeObject | undefined

const is = (resource: Resource, group: string, plural: string) => resource.group === group && resource.plural === plural

/** Nothing is created in a namespace that is missing (404) or going away (403). */
export function admitNamespace(resource: Resource, namespace: string | undefined, name: string, lookup: Lookup): void {
  if (!resource.namespaced || namespace === undefined) return
  const found = lookup(NAMESPACES, undefined, namespace)
  if (!found) throw notFound(NAMESPACES, namespace)
  if (!found.metadata.deletionTimestamp) return
  const text = `unable to create new content in namespace ${namespace} because it is being terminated`
  throw forbidden(resource, name, text, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ])
}

const SYSTEM_CLASSES = ['system-cluster-critical', 'system-node-critical']

/** The priority that a Pod's class gives it; without one, or with a system one, its kind's strategy knows. */
function priorityOf(pod: KubeObject, resource: Resource, lookup: Lookup): Record<string, unknown> {
  const { priorityClassName: name, preemptionPolicy } = pod['spec'] ?? {}
  if (!name || SYSTEM_CLASSES.includes(name)) return {}
  const found = lookup({ group: 'scheduling.k8s.io', plural: 'priorityclasses', namespaced: false }, undefined, name)
  if (!found) throw forbidden(resource, pod.metadata.name, `no PriorityClass with name ${name} was found`)
  return {
    priority: found['value'],
    preemptionPolicy: preemptionPolicy ?? found['preemptionPolicy'] ?? 'PreemptLowerPriority',
  }
}

/** A new Pod's service account with its pull secrets, and its priority, as the built-in admission plugins set them. */
function admitPod(pod: KubeObject, resource: Resource, namespace: string, lookup: Lookup): KubeObject {
  const spec = pod['spec'] ?? {}
  if (spec.runtimeClassName) {
    const text = `pod rejected: RuntimeClass ${JSON.stringify(spec.runtimeClassName)} not found`
    throw forbidden(resource, pod.metadata.name, text)
  }
  const account = spec.serviceAccountName || 'default'
  const found = lookup(SERVICE_ACCOUNTS, namespace, account)
  if (!found) {
    const text = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`
    throw forbidden(resource, pod.metadata.name, text)
  }
  const pullSecrets = spec.imagePullSecrets?.length ? spec.imagePullSecrets : found['imagePullSecrets']
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      ...(pullSecrets ? { imagePullSecrets: pullSecrets } : {}),
      ...priorityOf(pod, resource, lookup),
    },
  }
}

/** What admission changes on a new object. */
export function admitNew(
  resource: Resource,
  object: KubeObject,
  namespace: string | undefined,
  lookup: Lookup,
): KubeObject {
  if (is(resource, '', 'pods') && namespace !== undefined) return admitPod(object, resource, namespace, lookup)
  return object
}
