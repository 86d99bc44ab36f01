import { equalJson } from '../../core/json.ts'
import {
  type Application,
  type Condition,
  isAutomated,
  isCompleted,
  isMultiSource,
  type Operation,
  type ResourceStatus,
  type SyncStatus,
} from '../application.ts'
import { compact } from '../json.ts'

export type AutoSyncDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'sync'; readonly operation: Operation }
  /** Self-heal waits so many milliseconds. */
  | { readonly kind: 'later'; readonly wait: number }
  | { readonly kind: 'error'; readonly condition: Condition }

/** After this long without a sync, self-heal begins to count anew. */
const COOLDOWN = 330_000

/** 2 s, 6 s, 18 s … and at most 5 minutes between self-heal attempts; the first waits for nothing. */
const healDelay = (attempts: number): number => (attempts === 0 ? 0 : Math.min(2000 * 3 ** (attempts - 1), 300_000))

/** Whether automated sync has something to do after a comparison. */
export function decideAutoSync(
  app: Application,
  sync: SyncStatus,
  resources: readonly ResourceStatus[],
  now: number,
): AutoSyncDecision {
  const { spec, status } = app
  const automated = spec.syncPolicy?.automated
  if (!isAutomated(spec) || app.operation || app.metadata.deletionTimestamp || sync.status !== 'OutOfSync')
    return { kind: 'none' }
  const state = status?.operationState
  if (state && !isCompleted(state.phase)) return { kind: 'none' }
  if (!automated?.prune && resources.every((r) => r.status === 'Synced' || r.requiresPruning)) return { kind: 'none' }

  const revision = isMultiSource(spec)
    ? { revisions: sync.revisions, sources: spec.sources }
    : { revision: sync.revision, source: spec.source }
  const operation: Operation = {
    initiatedBy: { automated: true },
    retry: spec.syncPolicy?.retry ?? { limit: 5 },
    sync: compact({ ...revision, prune: automated?.prune ?? false, syncOptions: spec.syncPolicy?.syncOptions ?? [] }),
  }
  const shown = `[${(sync.revisions ?? [sync.revision ?? '']).join(' ')}]`
  const attempt = lastAttempt(app, sync)
  if (attempt !== undefined) {
    if (attempt !== 'Succeeded') return error(`Failed last sync attempt to ${shown}: ${state?.message ?? ''}`)
    if (!automated?.selfHeal) return { kind: 'none' }
    const since = state?.finishedAt ? now - Date.parse(state.finishedAt) : 0
    const attempts = since < COOLDOWN ? (state?.operation.sync?.autoHealAttemptsCount ?? 0) : 0
    const wait = healDelay(attempts) - since
    if (wait > 0) return { kind: 'later', wait }
    operation.sync = {
      ...operation.sync,
      autoHealAttemptsCount: attempts + 1,
      resources: resources
        .filter((r) => r.status !== 'Synced')
        .map(({ group, kind, name }) => compact({ group, kind, name: name ?? '' })),
    }
  }
  if (automated?.prune && !automated.allowEmpty && resources.every((resource) => resource.requiresPruning))
    return error(`Skipping sync attempt to ${shown}: auto-sync will wipe out all resources`)
  return { kind: 'sync', operation }
}

const error = (message: string): AutoSyncDecision => ({ kind: 'error', condition: { type: 'SyncError', message } })

/** How the last sync of this very revision and source ended; undefined when there was none. */
function lastAttempt(app: Application, sync: SyncStatus): string | undefined {
  const state = app.status?.operationState
  if (!state) return undefined
  const result = state.syncResult
  if (!result) return state.phase
  if (isMultiSource(app.spec)) {
    const same = equalJson(result.revisions, sync.revisions) && equalJson(result.sources, app.spec.sources)
    return same ? state.phase : undefined
  }
  return result.revision === sync.revision && equalJson(result.source, app.spec.source) ? state.phase : undefined
}
