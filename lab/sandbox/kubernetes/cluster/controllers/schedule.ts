import type { KubeObject } from '../../types.ts'

const MOST_PODS = 110

export type Decision = { readonly node: string } | { readonly message: string }

// biome-ignore lint/suspicious/noExplicitAny: parts of a pod spec, validated by the API server
type Spec = any

/**
 * The node for a pod: of those that may run it, the one with the fewest pods. Otherwise the scheduler's message, which
 * counts the nodes by what is against them.
 */
export function schedule(pod: KubeObject, nodes: readonly KubeObject[], pods: readonly KubeObject[]): Decision {
  const counts = new Map<string, number>()
  for (const other of pods) {
    const node = other['spec'].nodeName as string | undefined
    if (node && !isFinished(other)) counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  const reasons = new Map<string, number>()
  const fitting: string[] = []
  for (const node of nodes) {
    const reason = obstacle(pod, node, counts.get(node.metadata.name) ?? 0)
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    else fitting.push(node.metadata.name)
  }
  const load = (name: string) => counts.get(name) ?? 0
  const [best] = fitting.sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1))
  if (best) return { node: best }
  if (nodes.length === 0) return { message: 'no nodes available to schedule pods' }
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort()
  const summary = `0/${nodes.length} nodes are available: ${why.join(', ')}.`
  return {
    message: `${summary} preemption: 0/${nodes.length} nodes are available: ${nodes.length} Preemption is not helpful for scheduling.`,
  }
}

export const isFinished = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(pod['status']?.phase)

/** What keeps a pod from a node, in the scheduler's words. */
function obstacle(pod: KubeObject, node: KubeObject, podCount: number): string | undefined {
  const spec: Spec = pod['spec']
  if (node['spec']?.unschedulable && !tolerates(spec, { key: UNSCHEDULABLE, effect: 'NoSchedule' })) {
    return 'node(s) were unschedulable'
  }
  const taint = ((node['spec']?.taints ?? []) as Taint[]).find(
    (candidate) =>
      candidate.effect !== 'PreferNoSchedule' && candidate.key !== UNSCHEDULABLE && !tolerates(spec, candidate),
  )
  if (taint) return `node(s) had untolerated taint(s)`
  if (!matchesSelector(spec, node)) return "node(s) didn't match Pod's node affinity/selector"
  if (podCount >= MOST_PODS) return 'Too many pods'
  return undefined
}

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

type Taint = { readonly key: string; readonly value?: string; readonly effect: string }

const tolerates = (spec: Spec, taint: Taint): boolean =>
  (spec.tolerations ?? []).some(
    (toleration: Spec) =>
      (!toleration.effect || toleration.effect === taint.effect) &&
      (toleration.operator === 'Exists'
        ? !toleration.key || toleration.key === taint.key
        : toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '')),
  )

function matchesSelector(spec: Spec, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {}
  const wanted = Object.entries((spec.nodeSelector ?? {}) as Record<string, string>)
  if (wanted.some(([key, value]) => labels[key] !== value)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (!required) return true
  return required.nodeSelectorTerms.some(
    (term: Spec) =>
      (term.matchExpressions ?? []).every((expression: Spec) => matchesExpression(labels, expression)) &&
      (term.matchFields ?? []).every((expression: Spec) =>
        matchesExpression({ 'metadata.name': node.metadata.name }, expression),
      ),
  )
}

function matchesExpression(labels: Readonly<Record<string, string>>, { key, operator, values = [] }: Spec): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
