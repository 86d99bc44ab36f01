export type Condition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime?: string
}

/** Conditions with others set; the time of one changes with its status only. Order is kept, new ones come last. */
export function withConditions(
  present: readonly Condition[] | undefined | null,
  wanted: readonly Condition[],
  time: string,
): Condition[] {
  const result = [...(present ?? [])]
  for (const condition of wanted) {
    const at = result.findIndex(({ type }) => type === condition.type)
    const before = result[at]
    const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? time) : time
    if (at < 0) result.push({ ...condition, lastTransitionTime })
    else result[at] = { ...condition, lastTransitionTime }
  }
  return result
}
