import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf, timestamp } from '../../core/kube-objects.ts'
import {
  type Application,
  isCompleted,
  isDeletionApproved,
  isMultiSource,
  type OperationState,
  type RevisionHistory,
  type Source,
  type SyncOperation,
  sourcesOf,
} from '../application.ts'
import { formatConditions } from '../conditions.ts'
import { ignoredPaths, keepIgnored } from '../diff/ignore.ts'
import { compact, resourceKey } from '../json.ts'
import { type Project, permitsDestination, permitsKind } from '../project.ts'
import { type ResolvedDestination, resolveDestination } from '../spec.ts'
import { type SyncSettings, settingsOf } from '../sync/options.ts'
import { findProblems, managedNamespace, planTasks } from '../sync/plan.ts'
import { TaskRunner } from '../sync/run-tasks.ts'
import { resultsOf, runStep } from '../sync/step.ts'
import { isHookTask, isPrune, objectOf, resultKey, type SyncTask, taskKey } from '../sync/tasks.ts'
import { type ComparerTools, type Comparison, compareApp } from './compare-app.ts'

export type OperationTools = ComparerTools & {
  readonly now: () => number
  /** The pause between two waves. */
  readonly afterWave: () => Promise<void>
  readonly established: (definition: KubeObject) => Promise<void>
  /** Called once, before the operation counts as completed, when it makes history. */
  readonly remember: (entry: Omit<RevisionHistory, 'id'>) => Promise<void>
}

/** Takes the operation of an Application one step further and returns what has become of it. */
export async function operate(
  app: Application,
  project: Project,
  state: OperationState,
  tools: OperationTools,
): Promise<OperationState> {
  const sync = state.operation.sync
  if (!sync) return { ...state, phase: 'Failed', message: 'Invalid operation request: no operation specified' }
  if (sync.manifests?.length)
    return { ...state, phase: 'Failed', message: 'operation.sync.manifests is not supported by the sandbox' }
  const destination = resolveDestination(app.spec.destination)
  if (typeof destination === 'string') return { ...state, phase: 'Failed', message: destination }
  const request = requestOf(app, project, sync, state)
  const comparison = await compareApp(request, tools)
  const described = request.multiple ? { sources: [...request.sources] } : { source: request.sources[0] as Source }
  const syncResult = {
    ...state.syncResult,
    ...described,
    ...(comparison.sync.revisions ? { revisions: comparison.sync.revisions } : { revision: comparison.sync.revision }),
  }
  const next = { ...state, syncResult }
  const settings = settingsOf(sync, isDeletionApproved(app, state.startedAt))
  const shared = comparison.conditions.filter(({ type }) => type === 'SharedResourceWarning')
  if (settings.failOnSharedResource && shared.length > 0)
    return { ...next, phase: 'Failed', message: `Shared resource found: ${shared.map((c) => c.message).join(', ')}` }
  const errors = [
    ...(app.status?.conditions ?? []).filter(({ type }) => type === 'InvalidSpecError'),
    ...comparison.conditions.filter(({ type }) => type === 'ComparisonError'),
  ]
  if (errors.length > 0) return { ...next, phase: 'Error', message: formatConditions(errors) }
  return step({ app, project, state: next, comparison, settings, destination }, tools)
}

type Step = {
  readonly app: Application
  readonly project: Project
  readonly state: OperationState
  readonly comparison: Comparison
  readonly settings: SyncSettings
  readonly destination: ResolvedDestination
}

async function step(input: Step, tools: OperationTools): Promise<OperationState> {
  const { app, state, comparison, settings } = input
  const sync = state.operation.sync as SyncOperation
  const results = state.syncResult?.resources ?? []
  const tasks = planTasks({
    resources: settings.respectIgnoreDifferences ? respecting(app, comparison) : comparison.resources,
    hooks: comparison.hooks,
    selection: sync.resources ?? [],
    skipHooks: settings.skipHooks,
    pruneLast: settings.pruneLast,
    namespace: await namespaceTask(input, tools),
    results,
    revision: comparison.sync.revision ?? comparison.sync.revisions?.[0] ?? '',
    startedAt: Math.floor(Date.parse(state.startedAt) / 1000),
  })
  const runner = new TaskRunner(tools.operations, settings, results.map(resultKey), tools.established)
  const finish = (phase: OperationState['phase'], message: string): OperationState => {
    const resources = resultsOf(tasks, runner.order)
    const metadata = app.spec.syncPolicy?.managedNamespaceMetadata
    const syncResult = compact({
      ...state.syncResult,
      resources,
      ...(metadata ? { managedNamespaceMetadata: metadata } : {}),
    })
    return { ...state, phase, message, syncResult }
  }
  const problems = await problemsOf(tasks, input, tools)
  if (problems.length > 0) {
    for (const { task, message } of problems) runner.record(task, 'SyncFailed', undefined, message)
    const reasons = [...new Set(problems.map(({ summary }) => summary))].join(', ')
    return finish('Failed', `one or more synchronization tasks are not valid: ${reasons}`)
  }
  if (state.phase === 'Terminating') {
    for (const task of tasks) if (task.operationPhase === 'Running' && !isPrune(task)) await stopHook(task, runner)
    return finish('Failed', 'Operation terminated')
  }
  const outcome = await runStep({
    tasks,
    started: results.length > 0,
    settings,
    inSync: inSyncKeys(comparison, tasks),
    runner,
    fetch: (object) => tools.operations.get(object),
    afterWave: tools.afterWave,
  })
  const done = finish(outcome.phase, outcome.message)
  if (outcome.phase === 'Succeeded' && !settings.dryRun && !sync.resources?.length) await remember(done, tools)
  return done
}

function requestOf(app: Application, project: Project, sync: SyncOperation, state: OperationState) {
  const multiple = sync.sources?.length ? true : sync.source ? false : isMultiSource(app.spec)
  const sources = sync.sources?.length ? sync.sources : sync.source ? [sync.source] : sourcesOf(app.spec)
  const asked = sync.revisions ?? (sync.revision ? [sync.revision] : [])
  const begun = state.syncResult?.revisions ?? (state.syncResult?.revision ? [state.syncResult.revision] : [])
  const revisions = sources.map((source, at) => begun[at] || asked[at] || source.targetRevision || '')
  return { app, project, sources, revisions, multiple, fresh: true, hard: false, namespaceMetadataChanged: false }
}

function respecting(app: Application, comparison: Comparison): Comparison['resources'] {
  return comparison.resources.map((resource) => {
    const { target, live } = resource
    if (!target || !live) return resource
    const paths = ignoredPaths(target, live, app.spec.ignoreDifferences ?? [])
    return { ...resource, target: keepIgnored(target, live, paths) }
  })
}

async function namespaceTask({ app, comparison, settings, destination }: Step, { operations }: OperationTools) {
  const name = destination.namespace
  if (!settings.createNamespace || name === '') return undefined
  const inGit = comparison.resources.some(({ target }) => target?.kind === 'Namespace' && target.metadata.name === name)
  if (inGit) return undefined
  const metadata = app.spec.syncPolicy?.managedNamespaceMetadata
  const target = managedNamespace(name, metadata)
  const live = await operations.get(target)
  return live && !metadata ? undefined : { target, live }
}

async function problemsOf(tasks: readonly SyncTask[], { project, settings, destination }: Step, tools: OperationTools) {
  const find = () =>
    findProblems(
      tasks,
      (group, kind) => tools.cache.resource(group, kind),
      settings.skipDryRunOnMissingResource,
      (object, resource) => {
        const group = groupOf(object)
        const { namespace, name } = object.metadata
        if (!permitsKind(project, group, object.kind, resource.namespaced, name))
          return `resource ${group}:${object.kind} is not permitted in project ${project.metadata.name}`
        const place = { ...destination, namespace: namespace ?? '' }
        if (resource.namespaced && namespace !== destination.namespace && !permitsDestination(project, place))
          return `namespace ${namespace} is not permitted in project '${project.metadata.name}'`
        return undefined
      },
    )
  if (tasks.every((task) => tools.cache.resource(groupOf(objectOf(task)), objectOf(task).kind))) return find()
  await tools.cache.discover()
  return find()
}

function inSyncKeys(comparison: Comparison, tasks: readonly SyncTask[]): ReadonlySet<string> {
  const same = new Set(
    comparison.resources.filter(({ target, live, diff }) => target && live && !diff?.modified).map(({ key }) => key),
  )
  return new Set(tasks.filter((task) => same.has(resourceKey(objectOf(task)))).map(taskKey))
}

async function stopHook(task: SyncTask, runner: TaskRunner): Promise<void> {
  if (!isHookTask(task)) return
  await runner.remove(task).catch(() => {})
  runner.record(task, task.status, 'Failed', 'terminated')
}

async function remember(state: OperationState, { now, remember: write }: OperationTools): Promise<void> {
  const { revision, revisions, source, sources } = state.syncResult ?? {}
  await write({
    ...compact({ revision: revision ?? '', revisions: revisions ?? [] }),
    ...(sources ? { sources } : source ? { source } : {}),
    deployedAt: timestamp(now()),
    deployStartedAt: state.startedAt,
    initiatedBy: state.operation.initiatedBy ?? {},
  })
}

/** The state of an operation that is about to begin, or of one that was going on when the controller stopped. */
export function beginOrResume(app: Application, now: number): OperationState | undefined {
  const state = app.status?.operationState
  if (state && !isCompleted(state.phase)) return state
  if (!app.operation) return undefined
  const { initiatedBy = {}, retry = {} } = app.operation
  const operation = { ...app.operation, initiatedBy, retry }
  return { operation, phase: 'Running', startedAt: timestamp(now) }
}
