import type { SyncOperation } from '../application.ts'

export type SyncSettings = {
  readonly dryRun: boolean
  readonly prune: boolean
  readonly pruneLast: boolean
  readonly force: boolean
  readonly replace: boolean
  readonly serverSideApply: boolean
  readonly validate: boolean
  readonly applyOutOfSyncOnly: boolean
  readonly createNamespace: boolean
  readonly respectIgnoreDifferences: boolean
  readonly failOnSharedResource: boolean
  readonly skipDryRunOnMissingResource: boolean
  readonly skipHooks: boolean
  readonly migrateClientSideApply: boolean
  /** Somebody has approved of pruning what asks for it, since the operation began. */
  readonly pruneConfirmed: boolean
  readonly propagationPolicy: 'Foreground' | 'Background' | 'Orphan'
}

const POLICIES = { foreground: 'Foreground', background: 'Background', orphan: 'Orphan' } as const

/** What an operation's options mean for the whole sync. */
export function settingsOf(sync: SyncOperation, pruneConfirmed: boolean): SyncSettings {
  const options = sync.syncOptions ?? []
  const has = (option: string) => options.includes(option)
  const policy = options.find((option) => option.startsWith('PrunePropagationPolicy='))?.split('=')[1]
  return {
    dryRun: sync.dryRun ?? false,
    prune: sync.prune ?? false,
    pruneLast: has('PruneLast=true'),
    force: sync.syncStrategy?.apply?.force ?? sync.syncStrategy?.hook?.force ?? false,
    replace: has('Replace=true'),
    serverSideApply: has('ServerSideApply=true'),
    validate: !has('Validate=false'),
    applyOutOfSyncOnly: has('ApplyOutOfSyncOnly=true'),
    createNamespace: has('CreateNamespace=true'),
    respectIgnoreDifferences: has('RespectIgnoreDifferences=true'),
    failOnSharedResource: has('FailOnSharedResource=true'),
    skipDryRunOnMissingResource: has('SkipDryRunOnMissingResource=true'),
    skipHooks: sync.syncStrategy?.apply !== undefined || (sync.resources?.length ?? 0) > 0,
    migrateClientSideApply: !has('ClientSideApplyMigration=false'),
    pruneConfirmed,
    propagationPolicy: POLICIES[policy as keyof typeof POLICIES] ?? 'Foreground',
  }
}
