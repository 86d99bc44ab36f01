import { addQuantities, compareQuantities } from '../../kinds/index.ts'
import type { KubeObject, Resource } from '../../types.ts'

type Amounts = Record<string, string>
type Container = { name: string; resources?: { requests?: Amounts; limits?: Amounts } }
type ScopeRequirement = { scopeName: string; operator: string; values?: string[] }

/** Kinds that have a name of their own in a quota; every kind can be named as `count/<plural>.<group>`. */
const COUNTED = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]

const isCore = (resource: Resource, plural: string) => resource.group === '' && resource.plural === plural

function add(total: Amounts, name: string, amount: string): void {
  total[name] = total[name] === undefined ? amount : addQuantities(total[name], amount)
}

/** What an object counts for in a quota. */
export function usageOf(resource: Resource, object: KubeObject): Amounts {
  const { group, plural } = resource
  const used: Amounts = { [group === '' ? `count/${plural}` : `count/${plural}.${group}`]: '1' }
  const { spec, status } = object
  if (isCore(resource, 'pods')) {
    if (['Succeeded', 'Failed'].includes(status?.phase)) return {}
    for (const { resources } of (spec?.containers ?? []) as Container[]) {
      for (const [name, amount] of Object.entries(resources?.requests ?? {})) {
        add(used, `requests.${name}`, amount)
        add(used, name, amount)
      }
      for (const [name, amount] of Object.entries(resources?.limits ?? {})) add(used, `limits.${name}`, amount)
    }
  }
  if (group === '' && COUNTED.includes(plural)) used[plural] = '1'
  if (isCore(resource, 'services')) {
    if (spec?.type === 'LoadBalancer') used['services.loadbalancers'] = '1'
    const ports = (spec?.ports ?? []) as { nodePort?: number }[]
    const nodePorts = spec?.type === 'NodePort' ? ports.length : ports.filter(({ nodePort }) => nodePort).length
    if (nodePorts > 0) used['services.nodeports'] = String(nodePorts)
  }
  if (isCore(resource, 'persistentvolumeclaims')) {
    const storage = spec?.resources?.requests?.storage
    if (storage) {
      used['requests.storage'] = storage
      if (spec.storageClassName) {
        used[`${spec.storageClassName}.storageclass.storage.k8s.io/requests.storage`] = storage
        used[`${spec.storageClassName}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1'
      }
    }
  }
  return used
}

function matchesScope({ scopeName, operator, values = [] }: ScopeRequirement, pod: KubeObject): boolean {
  const isTerminating = pod['spec']?.activeDeadlineSeconds !== undefined
  const isBestEffort = pod['status']?.qosClass === 'BestEffort'
  const priority: string | undefined = pod['spec']?.priorityClassName
  switch (scopeName) {
    case 'Terminating':
      return isTerminating
    case 'NotTerminating':
      return !isTerminating
    case 'BestEffort':
      return isBestEffort
    case 'NotBestEffort':
      return !isBestEffort
    case 'PriorityClass':
      if (operator === 'In') return priority !== undefined && values.includes(priority)
      if (operator === 'NotIn') return priority === undefined || !values.includes(priority)
      return (operator === 'DoesNotExist') === (priority === undefined)
    default:
      return false
  }
}

/** Whether a quota counts an object: one with scopes counts Pods only, those in all of its scopes. */
function covers(quota: KubeObject, resource: Resource, object: KubeObject): boolean {
  const scopes: ScopeRequirement[] = [
    ...((quota['spec']?.scopes ?? []) as string[]).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota['spec']?.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return true
  return isCore(resource, 'pods') && scopes.every((scope) => matchesScope(scope, object))
}

export type Content = readonly { readonly resource: Resource; readonly objects: readonly KubeObject[] }[]

/** What is used of everything that a quota limits. */
export function usedOf(quota: KubeObject, content: Content): Amounts {
  const hard: Amounts = quota['spec']?.hard ?? {}
  const total: Amounts = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
  for (const { resource, objects } of content) {
    for (const object of objects) {
      if (!covers(quota, resource, object)) continue
      for (const [name, amount] of Object.entries(usageOf(resource, object))) if (name in hard) add(total, name, amount)
    }
  }
  return total
}

const shown = (amounts: Amounts, names: readonly string[]): string =>
  names.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',')

/** Compute resources that a quota limits and a container of the Pod does not state. */
function unstated(hard: Amounts, pod: KubeObject): string[] {
  const missing = new Map<string, string[]>()
  for (const { name, resources } of (pod['spec']?.containers ?? []) as Container[]) {
    for (const limited of Object.keys(hard)) {
      const [, kind = 'requests.', compute] =
        /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage)$/.exec(limited) ?? []
      if (compute === undefined) continue
      const stated = kind === 'limits.' ? resources?.limits : resources?.requests
      if (stated?.[compute] === undefined) missing.set(limited, [...(missing.get(limited) ?? []), name])
    }
  }
  return [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([limited, names]) => `${limited} for: ${names.join(',')}`)
}

/**
 * Why a quota refuses an object, or undefined. `used` is what the namespace uses without it.
 */
export function quotaRefusal(
  quota: KubeObject,
  resource: Resource,
  object: KubeObject,
  used: Amounts,
): string | undefined {
  if (!covers(quota, resource, object)) return undefined
  const hard: Amounts = quota['spec']?.hard ?? {}
  const { name } = quota.metadata
  const missing = isCore(resource, 'pods') ? unstated(hard, object) : []
  if (missing.length > 0) return `failed quota: ${name}: must specify ${missing.join('; ')}`
  const wanted = usageOf(resource, object)
  const exceeded = Object.keys(wanted)
    .filter((limited) => limited in hard)
    .filter((limited) => {
      const total = addQuantities(used[limited] ?? '0', wanted[limited] as string)
      return compareQuantities(total, hard[limited] as string) > 0
    })
    .sort()
  if (exceeded.length === 0) return undefined
  const [requested, now, limit] = [shown(wanted, exceeded), shown(used, exceeded), shown(hard, exceeded)]
  return `exceeded quota: ${name}, requested: ${requested}, used: ${now}, limited: ${limit}`
}
