import type { KubeObject } from '../../core/kube-client.ts'
import type { OperationPhase, ResourceResult } from '../application.ts'
import { healthOf } from '../health/health.ts'
import { type DeletePolicy, deletePolicies } from './hooks.ts'
import type { SyncSettings } from './options.ts'
import type { TaskRunner } from './run-tasks.ts'
import {
  confirmationMessage,
  hasFailed,
  isHookTask,
  isMultiStep,
  isPending,
  isPrune,
  isRunning,
  objectOf,
  resultOf,
  type SyncTask,
  taskKey,
  waitingMessage,
} from './tasks.ts'

export type StepOutcome = { readonly phase: OperationPhase; readonly message: string }

export type StepInput = {
  /** In order; `planTasks` made them. They are changed as results come in. */
  readonly tasks: readonly SyncTask[]
  /** Whether an earlier step of this operation has begun to apply. */
  readonly started: boolean
  readonly settings: SyncSettings
  /** Keys of tasks whose target and live object do not differ. */
  readonly inSync: ReadonlySet<string>
  readonly runner: TaskRunner
  /** The object as the cluster has it now. */
  readonly fetch: (object: KubeObject) => Promise<KubeObject | undefined>
  /** Called after a wave that is not the last. */
  readonly afterWave: () => Promise<void>
}

/** Takes a sync one step further: at most one wave is applied. `Running` asks to be called again. */
export async function runStep(input: StepInput): Promise<StepOutcome> {
  const { tasks, settings, runner } = input
  const unchanged = (task: SyncTask) =>
    settings.applyOutOfSyncOnly && !isHookTask(task) && input.inSync.has(taskKey(task))
  const [failHooks, main] = split(tasks, (task) => task.phase === 'SyncFail')

  if (!input.started) {
    const tried = tasks.filter((task) => !unchanged(task))
    if ((await runner.run(tried, true)) === 'failed') {
      const failed = tried.filter((task) => task.status === 'SyncFailed')
      return { phase: 'Failed', message: withReasons('one or more objects failed to apply (dry run)', failed) }
    }
  }
  await updateRunning(tasks, input)

  const waiting = tasks.filter((task) => (isMultiStep(tasks) || isHookTask(task)) && isRunning(task))
  if (waiting.length > 0) return { phase: 'Running', message: waitingMessage(waiting) }
  if (main.some(hasFailed)) {
    await deleteHooks(tasks, 'HookFailed', runner)
    return fail('one or more synchronization tasks completed unsuccessfully', main, failHooks, runner)
  }

  const pending = main.filter((task) => isPending(task) && !unchanged(task))
  const [first] = pending
  if (!first) {
    await deleteHooks(tasks, 'HookSucceeded', runner)
    return { phase: 'Succeeded', message: 'successfully synced (no more tasks)' }
  }
  const now = pending.filter((task) => task.phase === first.phase && task.wave === first.wave)
  const remaining = pending.filter((task) => task.phase !== first.phase || task.wave !== first.wave || isHookTask(task))
  const state = await runner.run(now, false)
  const final = !pending.some((task) => task.phase !== first.phase || task.wave !== first.wave)
  if (state !== 'failed' && !final) await input.afterWave()
  if (state === 'failed') {
    const running = now.filter(isRunning)
    if (running.length > 0) return { phase: 'Running', message: waitingMessage(running) }
    await deleteHooks(tasks, 'HookFailed', runner)
    return fail('one or more objects failed to apply', now, failHooks, runner)
  }
  if (state === 'pending') {
    const unconfirmed = runner.unconfirmed(now)
    const message =
      unconfirmed.length > 0 ? confirmationMessage(unconfirmed) : waitingMessage(now.filter(isPending), true)
    return { phase: 'Running', message }
  }
  if (remaining.length > 0) return { phase: 'Running', message: waitingMessage(remaining) }
  await deleteHooks(tasks, 'HookSucceeded', runner)
  return { phase: 'Succeeded', message: 'successfully synced (all tasks run)' }
}

function split(tasks: readonly SyncTask[], test: (task: SyncTask) => boolean): [SyncTask[], SyncTask[]] {
  return [tasks.filter(test), tasks.filter((task) => !test(task))]
}

/** Gives running tasks the phase that the health of their objects says. */
async function updateRunning(tasks: readonly SyncTask[], { fetch, runner }: StepInput): Promise<void> {
  for (const task of tasks) {
    if (!isRunning(task) || isPrune(task)) continue
    task.live = await fetch(objectOf(task))
    if (!task.live) continue
    const health = healthOf(task.live)
    if (isHookTask(task)) {
      const { phase, message } = hookPhase(task.live)
      runner.record(task, task.status, phase, message)
    } else if (!health) runner.record(task, task.status, 'Succeeded', task.message)
    else if (health.status === 'Healthy') runner.record(task, task.status, 'Succeeded', health.message ?? '')
    else if (health.status === 'Degraded') runner.record(task, task.status, 'Failed', health.message ?? '')
  }
}

function hookPhase(hook: KubeObject): { phase: OperationPhase; message: string } {
  const health = healthOf(hook)
  if (!health) return { phase: 'Succeeded', message: `${hook.metadata.name} created` }
  const message = health.message ?? ''
  if (health.status === 'Healthy') return { phase: 'Succeeded', message }
  return { phase: health.status === 'Degraded' || health.status === 'Unknown' ? 'Failed' : 'Running', message }
}

async function deleteHooks(tasks: readonly SyncTask[], policy: DeletePolicy, runner: TaskRunner): Promise<void> {
  for (const task of tasks) {
    const done = task.operationPhase !== undefined && !isRunning(task)
    if (isHookTask(task) && done && task.target && deletePolicies(task.target).includes(policy))
      await runner.remove(task)
  }
}

/** A sync fails at once, or after the hooks that are there for this case have run. */
async function fail(
  message: string,
  tasks: readonly SyncTask[],
  hooks: readonly SyncTask[],
  runner: TaskRunner,
): Promise<StepOutcome> {
  const reasoned = withReasons(
    message,
    tasks.filter((task) => task.status === 'SyncFailed'),
  )
  const pending = hooks.filter(isPending)
  if (pending.length > 0) {
    await runner.run(pending, false)
    return { phase: 'Running', message: waitingMessage(pending) }
  }
  return { phase: 'Failed', message: reasoned }
}

const withReasons = (message: string, failed: readonly SyncTask[]): string =>
  failed.length > 0 ? `${message}, reason: ${failed.map((task) => task.message).join(',')}` : message

/** The results of tasks in the order in which they came. */
export const resultsOf = (tasks: readonly SyncTask[], order: readonly string[]): ResourceResult[] => {
  const byKey = new Map(tasks.map((task) => [taskKey(task), task]))
  return order.flatMap((key) => {
    const task = byKey.get(key)
    return task ? [resultOf(task)] : []
  })
}
