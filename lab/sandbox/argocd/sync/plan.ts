import type { DiscoveredResource, KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import type { ManagedNamespaceMetadata, ResourceResult, SyncOperationResource } from '../application.ts'
import type { ManagedResource } from '../controller/compare.ts'
import { hasOption } from '../json.ts'
import { isHook, phasesOf, SYNC_OPTIONS } from './hooks.ts'
import { newTask, objectOf, orderTasks, resultKey, type SyncTask, taskKey } from './tasks.ts'

export type PlanInput = {
  readonly resources: readonly ManagedResource[]
  /** Targets that are hooks. */
  readonly hooks: readonly KubeObject[]
  /** Only these, when there are any. */
  readonly selection: readonly SyncOperationResource[]
  readonly skipHooks: boolean
  readonly pruneLast: boolean
  /** The namespace to be made or labelled first. */
  readonly namespace: { readonly target: KubeObject; readonly live: KubeObject | undefined } | undefined
  /** Results of earlier steps of this operation. */
  readonly results: readonly ResourceResult[]
  readonly revision: string
  /** Seconds since the epoch: part of the generated names of hooks. */
  readonly startedAt: number
}

/** The tasks of a sync in order, with what earlier steps made of them. */
export function planTasks(input: PlanInput): SyncTask[] {
  const tasks: SyncTask[] = []
  for (const { target, live } of input.resources) {
    const object = (target ?? live) as KubeObject
    if (isHook(object) || !isSelected(object, input.selection)) continue
    for (const phase of phasesOf(object)) tasks.push(newTask(phase, target, live))
  }
  if (!input.skipHooks) {
    for (const hook of input.hooks)
      for (const phase of phasesOf(hook)) tasks.push(newTask(phase, named(hook, phase, input), undefined))
  }
  if (input.namespace) tasks.push(newTask('PreSync', input.namespace.target, input.namespace.live))
  const ordered = orderTasks(tasks, input.pruneLast)
  const known = new Map(input.results.map((result) => [resultKey(result), result]))
  for (const task of ordered) {
    const result = known.get(taskKey(task))
    if (!result) continue
    task.status = result.status
    task.operationPhase = result.hookPhase
    task.message = result.message ?? ''
  }
  return ordered
}

export function isSelected(object: KubeObject, selection: readonly SyncOperationResource[]): boolean {
  if (selection.length === 0) return true
  const matches = (item: SyncOperationResource) =>
    (item.group ?? '') === groupOf(object) &&
    item.kind === object.kind &&
    item.name === object.metadata.name &&
    (!item.namespace || item.namespace === object.metadata.namespace)
  const included = selection.filter((item) => !item.exclude)
  return (included.length === 0 || included.some(matches)) && !selection.some((item) => item.exclude && matches(item))
}

function named(hook: KubeObject, phase: string, { revision, startedAt }: PlanInput): KubeObject {
  if (hook.metadata.name) return hook
  const name = `${hook.metadata.generateName ?? ''}${revision.slice(0, 7)}-${phase.toLowerCase()}-${startedAt}`
  const { generateName: _, ...metadata } = hook.metadata
  return { ...hook, metadata: { ...metadata, name } }
}

/** A Namespace with the metadata that the sync policy wants; applied on the server's side so as to add, not replace. */
export function managedNamespace(name: string, metadata: ManagedNamespaceMetadata | undefined): KubeObject {
  const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  if (metadata) {
    object.metadata.labels = { ...metadata.labels }
    object.metadata.annotations = { ...metadata.annotations, [SYNC_OPTIONS]: 'ServerSideApply=true' }
  }
  return object
}

export type TaskProblem = { readonly task: SyncTask; readonly message: string; readonly summary: string }

/** Tasks that cannot be run: of a kind that the cluster does not know, or that the project does not permit. */
export function findProblems(
  tasks: readonly SyncTask[],
  resourceOf: (group: string, kind: string) => DiscoveredResource | undefined,
  skipMissing: boolean,
  refusal: (object: KubeObject, resource: DiscoveredResource) => string | undefined,
): TaskProblem[] {
  return tasks.flatMap((task): TaskProblem[] => {
    const object = objectOf(task)
    const [group, version] = [groupOf(object), versionOf(object)]
    const resource = resourceOf(group, object.kind)
    if (resource) {
      const message = refusal(object, resource)
      return message ? [{ task, message, summary: message }] : []
    }
    if (
      skipMissing ||
      hasOption(object, SYNC_OPTIONS, 'SkipDryRunOnMissingResource=true') ||
      isDefined(tasks, group, object.kind)
    ) {
      task.skipDryRun = true
      return []
    }
    const { namespace, name } = object.metadata
    const message =
      `The Kubernetes API could not find ${group}/${object.kind} for requested resource ${namespace ?? ''}/${name}. ` +
      `Make sure the "${object.kind}" CRD is installed on the destination cluster.`
    const groupVersion = group === '' ? version : `${group}/${version}`
    const summary = `failed to discover server resources for group version ${groupVersion}: the server could not find the requested resource`
    return [{ task, message, summary }]
  })
}

const isDefined = (tasks: readonly SyncTask[], group: string, kind: string): boolean =>
  tasks.some(
    ({ target }) =>
      target?.kind === 'CustomResourceDefinition' &&
      target['spec']?.group === group &&
      target['spec']?.names?.kind === kind,
  )
