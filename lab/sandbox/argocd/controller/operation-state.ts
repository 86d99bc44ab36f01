import type { JsonMap } from '../../core/json.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { timestamp } from '../../core/kube-objects.ts'
import { APPLICATIONS, type Application, isCompleted, type OperationState } from '../application.ts'
import type { AppEvents } from './events.ts'
import { CONTROLLER } from './persist.ts'
import { kitchenTime, retryDelay } from './retry.ts'

/**
 * Writes the state of an operation as a merge patch, so that fields it has no more stay from the operation before, as
 * with the real controller. A completed one takes the operation itself away and is told as an event.
 */
export async function writeOperationState(
  kube: KubeClient,
  events: AppEvents,
  app: Application,
  state: OperationState,
  now: number,
): Promise<{ app: Application; state: OperationState }> {
  const completed = isCompleted(state.phase)
  const next = completed ? { ...state, finishedAt: timestamp(now) } : state
  const operationState: JsonMap = { ...next }
  if (next.finishedAt === undefined && app.status?.operationState?.finishedAt) operationState['finishedAt'] = null
  const patch = { status: { operationState }, ...(completed ? { operation: null } : {}) }
  const { name, namespace } = app.metadata
  const stored = await kube.patch(APPLICATIONS, name, namespace, 'merge', patch, { fieldManager: CONTROLLER })
  if (completed) tellCompletion(events, app, next)
  return { app: stored as Application, state: next }
}

function tellCompletion(events: AppEvents, app: Application, state: OperationState): void {
  const revision = state.syncResult?.revision ?? state.syncResult?.revisions?.join(',')
  const what = state.operation.sync?.resources?.length ? 'Partial sync operation' : 'Sync operation'
  const subject = revision === undefined ? what : `${what} to ${revision}`
  if (state.phase === 'Succeeded') events.write(app, 'OperationCompleted', `${subject} succeeded`)
  else events.write(app, 'OperationCompleted', `${subject} failed: ${state.message ?? ''}`, 'Warning')
}

/**
 * What follows from a failure: a later attempt while the operation's retries last (Running, with the time of the
 * failure as `finishedAt`), else the end, which tells how often it was tried again.
 */
export function afterFailure(state: OperationState, now: number): { state: OperationState; retryAt?: number } {
  if (state.phase !== 'Failed' && state.phase !== 'Error') return { state }
  const { retry = {} } = state.operation
  const { limit = 0 } = retry
  const retryCount = state.retryCount ?? 0
  if (retryCount < limit || limit < 0) {
    const retryAt = now + retryDelay(retry, retryCount)
    const message = `${state.message}. Retrying attempt #${retryCount + 1} at ${kitchenTime(retryAt)}.`
    const waiting: OperationState = {
      ...state,
      phase: 'Running',
      message,
      retryCount: retryCount + 1,
      finishedAt: timestamp(now),
    }
    return { state: waiting, retryAt }
  }
  if (retryCount === 0) return { state }
  return { state: { ...state, message: `${state.message} (retried ${retryCount} times).` } }
}

/** When an operation that waits for its next attempt is to go on; undefined when it is not waiting. */
export function pendingRetry(state: OperationState): number | undefined {
  if (state.phase !== 'Running' || !state.finishedAt) return undefined
  const retries = Math.max(0, (state.retryCount ?? 1) - 1)
  return Date.parse(state.finishedAt) + retryDelay(state.operation.retry ?? {}, retries)
}

/** The state with which the next attempt begins: the same commit, unless the retry wants the newest. */
export function nextAttempt(state: OperationState): OperationState {
  const { finishedAt: _, ...rest } = state
  const { resources: _resources, ...syncResult } = state.syncResult ?? {}
  if (!state.operation.retry?.refresh) return { ...rest, syncResult }
  const { revision: _revision, revisions: _revisions, ...sync } = state.operation.sync ?? {}
  const { revision: _old, revisions: _olds, ...described } = syncResult
  return { ...rest, operation: { ...state.operation, sync }, syncResult: described }
}
