import { timestamp } from '../core/kube-objects.ts'
import type { Change } from './write-back/message.ts'

export type Condition = {
  readonly type: 'Reconciling' | 'Error' | 'Ready'
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

export type Status = {
  readonly observedGeneration?: number
  readonly lastCheckedAt?: string
  readonly lastUpdatedAt?: string
  readonly applicationsMatched?: number
  readonly imagesManaged?: number
  readonly recentUpdates?: readonly object[]
  readonly conditions?: readonly Condition[]
}

/** What a reconciliation came to. */
export type Result = {
  readonly applications: number
  readonly images: number
  readonly errors: number
  readonly changes: readonly Change[]
  /** It ended early, for this reason. */
  readonly failure?: string
}

type NewCondition = Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>

/** The status while a reconciliation runs: only the condition Reconciling is touched. */
export const startedStatus = (status: Status, generation: number, now: number): Status => ({
  ...status,
  conditions: withConditions(
    status.conditions ?? [],
    [{ type: 'Reconciling', status: 'True', reason: 'Reconciling', message: 'Checking images for updates.' }],
    generation,
    now,
  ),
})

/** The status after a reconciliation. Earlier updates are kept until there are newer ones. */
export function finishedStatus(status: Status, result: Result, generation: number, now: number): Status {
  const time = timestamp(now)
  const updates = recentUpdates(result.changes, time)
  return {
    ...status,
    observedGeneration: generation,
    lastCheckedAt: time,
    applicationsMatched: result.applications,
    imagesManaged: result.images,
    ...(updates.length > 0 ? { lastUpdatedAt: time, recentUpdates: updates } : {}),
    conditions: withConditions(status.conditions ?? [], conditionsOf(result), generation, now),
  }
}

function conditionsOf({ applications, errors, changes, failure }: Result): readonly NewCondition[] {
  const idle: NewCondition = {
    type: 'Reconciling',
    status: 'False',
    reason: 'Idle',
    message: 'Last check completed. Awaiting next cycle.',
  }
  if (failure !== undefined) {
    return [
      idle,
      { type: 'Error', status: 'True', reason: 'ReconcileError', message: failure },
      { type: 'Ready', status: 'False', reason: 'ReconcileFailed', message: `Reconciliation failed: ${failure}` },
    ]
  }
  if (errors > 0) {
    return [
      idle,
      {
        type: 'Error',
        status: 'True',
        reason: 'PartialErrors',
        message: `${errors} error(s) occurred during image update checks.`,
      },
      {
        type: 'Ready',
        status: 'True',
        reason: 'ReconcileCompletedWithErrors',
        message: `Reconciled ${applications} applications with ${errors} errors, ${changes.length} images updated.`,
      },
    ]
  }
  return [
    idle,
    { type: 'Error', status: 'False', reason: 'NoErrors', message: 'No errors during last reconciliation.' },
    {
      type: 'Ready',
      status: 'True',
      reason: 'ReconcileSucceeded',
      message: `Reconciled ${applications} applications, ${changes.length} images updated.`,
    },
  ]
}

/** Sets conditions in their own order; a transition time moves only with the condition's status. */
function withConditions(
  present: readonly Condition[],
  wanted: readonly NewCondition[],
  generation: number,
  now: number,
): readonly Condition[] {
  const set = (conditions: readonly Condition[], next: NewCondition): readonly Condition[] => {
    const at = conditions.findIndex(({ type }) => type === next.type)
    const old = conditions[at]
    const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : timestamp(now)
    const condition = { ...next, observedGeneration: generation, lastTransitionTime }
    return at < 0 ? [...conditions, condition] : conditions.with(at, condition)
  }
  return wanted.reduce(set, present)
}

/** One entry for each alias, image and version; Applications that got the same share one. */
function recentUpdates(changes: readonly Change[], updatedAt: string): readonly object[] {
  const groups = new Map<string, Change[]>()
  for (const change of changes) {
    const key = [change.alias, change.fullName, change.newVersion].join(' ')
    groups.set(key, [...(groups.get(key) ?? []), change])
  }
  return [...groups.values()].map((group) => {
    const { alias, fullName, newVersion, oldVersion } = group[0] as Change
    const message = `Updated from ${oldVersion} to ${newVersion}.`
    return { alias, image: fullName, newVersion, applicationsUpdated: group.length, updatedAt, message }
  })
}
