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

const TOLERATED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

type PodSpec = {
  serviceAccountName?: string
  imagePullSecrets?: unknown[]
  tolerations?: { key?: string; effect?: string; operator?: string }[]
  priority?: number
  preemptionPolicy?: string
  [field: string]: unknown
}

/** Default tolerations: five minutes on a node that is not ready or not reachable. */
function tolerationsOf({ tolerations = [] }: PodSpec): unknown[] {
  const tolerates = (key: string) =>
    tolerations.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute'))
  const missing = TOLERATED.filter((key) => !tolerates(key))
  return [
    ...tolerations,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ]
}

/** A new Pod's service account with its pull secrets, tolerations and priority, as the built-in admission plugins set them. */
function admitPod(pod: KubeObject, resource: Resource, namespace: string, lookup: Lookup): KubeObject {
  const spec: PodSpec = pod['spec'] ?? {}
  const account = spec.serviceAccountName || 'default'
  const found = lookup(SERVICE_ACCOUNTS, namespace, account)
  if (!found) {
    const text = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`
    throw forbidden(resource, pod.metadata.name, text)
  }
  const pullSecrets = spec.imagePullSecrets?.length ? spec.imagePullSecrets : found['imagePullSecrets']
  const className = spec['priorityClassName']
  const priorityClass =
    typeof className === 'string' && className !== ''
      ? (lookup({ group: 'scheduling.k8s.io', plural: 'priorityclasses', namespaced: false }, undefined, className) ??
        systemClass(className))
      : { value: 0 }
  if (!priorityClass) throw forbidden(resource, pod.metadata.name, `no PriorityClass with name ${className} was found`)
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      ...(pullSecrets ? { imagePullSecrets: pullSecrets } : {}),
      tolerations: tolerationsOf(spec),
      priority: priorityClass.value,
      preemptionPolicy: spec.preemptionPolicy ?? priorityClass['preemptionPolicy'] ?? 'PreemptLowerPriority',
    },
  }
}

const systemClass = (name: string): Record<string, unknown> | undefined =>
  ({ 'system-cluster-critical': { value: 2000000000 }, 'system-node-critical': { value: 2000001000 } })[name]

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
