import type { KubeObject } from '../../types.ts'
import type { Json } from '../normalize.ts'

/** What admission gives to every pod of a cluster with the default plugins. */
const UNREACHABLE = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

const COMPUTE = ['cpu', 'memory']

/** `Guaranteed` when every container has cpu and memory limits equal to its requests, `BestEffort` without any. */
export function qosClassOf(spec: Json): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const amounts = (field: 'requests' | 'limits') =>
    containers.map(({ resources }) =>
      Object.entries(resources?.[field] ?? {}).filter(([name]) => COMPUTE.includes(name)),
    )
  const positive = (list: [string, unknown][][]) => list.some((own) => own.some(([, amount]) => amount !== '0'))
  if (!positive(amounts('requests')) && !positive(amounts('limits'))) return 'BestEffort'
  const guaranteed = containers.every(({ resources }) =>
    COMPUTE.every((name) => {
      const limit = resources?.limits?.[name]
      return limit !== undefined && (resources.requests?.[name] ?? limit) === limit
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

/**
 * A new pod gets its class of service, its priority (unless a PriorityClass that is not a system one is asked for) and
 * the tolerations of nodes that are gone for five minutes. An update does not touch ephemeral containers.
 */
export function preparePod(pod: KubeObject, old: KubeObject | undefined): void {
  if (old) {
    const { ephemeralContainers: _, ...spec } = pod['spec']
    pod['spec'] = spec
    return
  }
  const spec: Json = { ...pod['spec'] }
  const className = spec.priorityClassName ?? ''
  if (className === '' || className in SYSTEM_PRIORITIES) {
    spec.priority ??= SYSTEM_PRIORITIES[className] ?? 0
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  }
  const tolerations: Json[] = [...(spec.tolerations ?? [])]
  for (const key of UNREACHABLE) {
    const tolerated = tolerations.some(
      (own) =>
        (own.key === key || (!own.key && own.operator === 'Exists')) && (!own.effect || own.effect === 'NoExecute'),
    )
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  }
  pod['spec'] = { ...spec, tolerations }
  pod['status'] = { ...pod['status'], qosClass: qosClassOf(spec) }
}
