export type ConditionStatus = 'True' | 'False' | 'Unknown'

export type Condition = {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
  readonly observedGeneration?: number
}

export type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** The longest message that the definitions of the conditions admit. */
const LONGEST_MESSAGE = 32_768

const WEIGHTS: Readonly<Record<string, number>> = { Stalled: 0, Reconciling: 1, Ready: 2 }

export const findCondition = (conditions: readonly Condition[], type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type)

/**
 * The conditions with one of them set. The transition time moves when status, reason or message change; Stalled,
 * Reconciling and Ready come first, then the others, those of the newest generation before older ones.
 */
export function setCondition(
  conditions: readonly Condition[],
  condition: NewCondition,
  generation: number,
  now: string,
): readonly Condition[] {
  const message =
    condition.message.length > LONGEST_MESSAGE
      ? `${condition.message.slice(0, LONGEST_MESSAGE - 3)}...`
      : condition.message
  const before = findCondition(conditions, condition.type)
  const same = before?.status === condition.status && before.reason === condition.reason && before.message === message
  const { type, status, reason } = condition
  const lastTransitionTime = same ? before.lastTransitionTime : now
  const after: Condition = { type, status, reason, message, lastTransitionTime, observedGeneration: generation }
  return [...removeCondition(conditions, condition.type), after].sort(compare)
}

export const removeCondition = (conditions: readonly Condition[], type: string): readonly Condition[] =>
  conditions.filter((condition) => condition.type !== type)

function compare(a: Condition, b: Condition): number {
  const weight = (WEIGHTS[a.type] ?? 3) - (WEIGHTS[b.type] ?? 3)
  if (weight !== 0) return weight
  const generation = (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0)
  if (generation !== 0) return generation
  return a.type < b.type ? -1 : a.type > b.type ? 1 : 0
}
