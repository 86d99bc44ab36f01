import { messageOf } from '../../core/errors.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { OperationPhase, ResultCode } from '../application.ts'
import { hasOption } from '../json.ts'
import { deletePolicies, SYNC_OPTIONS } from './hooks.ts'
import type { SyncSettings } from './options.ts'
import type { ApplyOptions, ResourceOperations } from './resource-operations.ts'
import { isHookTask, isPending, isPrune, objectOf, type SyncTask, taskKey } from './tasks.ts'

export type RunState = 'successful' | 'pending' | 'failed'

const PHASE_OF: Readonly<Record<ResultCode, OperationPhase>> = {
  Synced: 'Running',
  SyncFailed: 'Failed',
  Pruned: 'Succeeded',
  PruneSkipped: 'Succeeded',
}

type Result = { readonly code: ResultCode; readonly message: string }

/** Applies and prunes, and remembers in which order results came. */
export class TaskRunner {
  constructor(
    private readonly operations: ResourceOperations,
    private readonly settings: SyncSettings,
    /** Keys of tasks that have a result, in order. */
    readonly order: string[],
    /** Resolves when the kind that a definition brings can be used. */
    private readonly established: (definition: KubeObject) => Promise<void>,
  ) {}

  /** Prunes first, then applies, one kind after the other until one fails. A dry run leaves results only where it fails. */
  async run(tasks: readonly SyncTask[], dryRun: boolean): Promise<RunState> {
    const prunes = tasks.filter(isPrune)
    const creates = tasks.filter((task) => !isPrune(task))
    const onlyTry = dryRun || this.settings.dryRun
    if (!onlyTry && this.unconfirmed(prunes).length > 0) return 'pending'
    if ((await this.all(prunes, onlyTry, (task) => this.prune(task, onlyTry))) === 'failed') return 'failed'
    if (!onlyTry && (await this.clearHooks(creates))) return 'pending'
    for (const group of byKind(creates.filter((task) => !(dryRun && task.skipDryRun)))) {
      if ((await this.all(group, onlyTry, (task) => this.apply(task, onlyTry))) === 'failed') return 'failed'
    }
    return 'successful'
  }

  /** Prunes that somebody has to approve of first. */
  unconfirmed(tasks: readonly SyncTask[]): SyncTask[] {
    if (!this.settings.prune || this.settings.pruneConfirmed) return []
    return tasks.filter((task) => isPrune(task) && hasOption(task.live, SYNC_OPTIONS, 'Prune=confirm'))
  }

  record(task: SyncTask, status: ResultCode | undefined, phase: OperationPhase | undefined, message: string): void {
    task.status = status
    task.operationPhase = phase
    if (message !== '') task.message = message
    const key = taskKey(task)
    if (!this.order.includes(key)) this.order.push(key)
  }

  async remove(task: SyncTask): Promise<void> {
    await this.operations.delete(objectOf(task), this.settings.propagationPolicy)
  }

  private async all(tasks: readonly SyncTask[], dryRun: boolean, work: (task: SyncTask) => Promise<Result>) {
    const results = await Promise.all(tasks.map(work))
    for (const [at, { code, message }] of results.entries()) {
      if (dryRun && !this.settings.dryRun && code !== 'SyncFailed') continue
      const phase = this.settings.dryRun && code === 'Synced' ? 'Succeeded' : PHASE_OF[code]
      this.record(tasks[at] as SyncTask, code, phase, message)
    }
    return results.some(({ code }) => code === 'SyncFailed') ? 'failed' : 'successful'
  }

  private async prune({ live }: SyncTask, dryRun: boolean): Promise<Result> {
    if (!this.settings.prune) return { code: 'PruneSkipped', message: 'ignored (requires pruning)' }
    if (hasOption(live, SYNC_OPTIONS, 'Prune=false')) return { code: 'PruneSkipped', message: 'ignored (no prune)' }
    if (dryRun) return { code: 'Pruned', message: 'pruned (dry run)' }
    try {
      if (live && !live.metadata.deletionTimestamp) await this.operations.delete(live, this.settings.propagationPolicy)
      return { code: 'Pruned', message: 'pruned' }
    } catch (error) {
      return { code: 'SyncFailed', message: messageOf(error) }
    }
  }

  private async apply(task: SyncTask, dryRun: boolean): Promise<Result> {
    const target = task.target as KubeObject
    const says = (option: string) => hasOption(target, SYNC_OPTIONS, option)
    const options: ApplyOptions = {
      dryRun,
      force: this.settings.force || says('Force=true'),
      validate: this.settings.validate && !says('Validate=false'),
    }
    const replace = (this.settings.replace || says('Replace=true')) && !says('Replace=false')
    const onServer = (this.settings.serverSideApply || says('ServerSideApply=true')) && !says('ServerSideApply=false')
    try {
      const message = await this.write(target, options, replace, onServer && !dryRun)
      if (!dryRun && target.kind === 'CustomResourceDefinition') await this.established(target)
      return { code: 'Synced', message }
    } catch (error) {
      return { code: 'SyncFailed', message: messageOf(error) }
    }
  }

  private async write(target: KubeObject, options: ApplyOptions, replace: boolean, onServer: boolean): Promise<string> {
    if (replace) {
      const live = await this.operations.get(target)
      if (!live) return this.operations.create(target, options)
      // Replacing these would take everything in them along.
      const precious = target.kind === 'CustomResourceDefinition' || target.kind === 'Namespace'
      if (!precious) return this.operations.replace(target, options)
      const { resourceVersion } = live.metadata
      await this.operations.replace(
        { ...target, metadata: { ...target.metadata, resourceVersion } },
        { ...options, force: false },
      )
      return `${target.metadata.name} configured`
    }
    if (!onServer) return this.operations.apply(target, options)
    if (this.settings.migrateClientSideApply) await this.operations.migrateClientSideApply(target)
    return this.operations.serverSideApply(target, options)
  }

  /** Deletes what is left of hooks from earlier syncs; true while any of it is there. */
  private async clearHooks(tasks: readonly SyncTask[]): Promise<boolean> {
    let left = false
    for (const task of tasks) {
      if (!isHookTask(task) || !isPending(task) || !task.target) continue
      if (!deletePolicies(task.target).includes('BeforeHookCreation')) continue
      const live = await this.operations.get(task.target)
      if (!live) continue
      left = true
      if (!live.metadata.deletionTimestamp) await this.operations.delete(live, this.settings.propagationPolicy)
    }
    return left
  }
}

function byKind(tasks: readonly SyncTask[]): SyncTask[][] {
  const groups: SyncTask[][] = []
  for (const task of tasks) {
    const last = groups.at(-1)
    if (last?.[0] && objectOf(last[0]).kind === objectOf(task).kind) last.push(task)
    else groups.push([task])
  }
  return groups
}
