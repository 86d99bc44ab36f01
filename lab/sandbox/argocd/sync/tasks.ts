import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import type { OperationPhase, ResourceResult, ResultCode, SyncPhase } from '../application.ts'
import { annotation, hasOption, resourceKey } from '../json.ts'
import { imagesOf } from '../summary.ts'
import { HOOK_ANNOTATION, isHook, PHASES, SYNC_OPTIONS, waveOf } from './hooks.ts'

/** One thing to apply or prune in one phase of a sync, and what has become of it. */
export type SyncTask = {
  readonly phase: SyncPhase
  readonly target: KubeObject | undefined
  live: KubeObject | undefined
  wave: number
  /** The kind is not known yet, but will be: its definition is part of this sync. */
  skipDryRun: boolean
  status: ResultCode | undefined
  operationPhase: OperationPhase | undefined
  message: string
}

/** Kinds in the order in which they are applied; any other kind comes last. */
const KIND_ORDER: readonly string[] = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
]

export const newTask = (phase: SyncPhase, target: KubeObject | undefined, live: KubeObject | undefined): SyncTask => ({
  phase,
  target,
  live,
  wave: waveOf(target ?? live),
  skipDryRun: false,
  status: undefined,
  operationPhase: undefined,
  message: '',
})

export const objectOf = (task: SyncTask): KubeObject => (task.target ?? task.live) as KubeObject
export const isPrune = (task: SyncTask): boolean => task.target === undefined
export const isHookTask = (task: SyncTask): boolean => isHook(objectOf(task))
export const isPending = (task: SyncTask): boolean => task.operationPhase === undefined
export const isRunning = (task: SyncTask): boolean => task.operationPhase === 'Running'
export const hasFailed = (task: SyncTask): boolean =>
  task.operationPhase === 'Failed' || task.operationPhase === 'Error'

/** What a task's result is remembered by, from one step of the operation to the next. */
export const taskKey = (task: SyncTask): string => `${resourceKey(objectOf(task))}:${task.phase}`

export const resultKey = (result: ResourceResult): string =>
  `${result.group}/${result.kind}/${result.namespace}/${result.name}:${result.syncPhase}`

const kindRank = (kind: string): number => {
  const at = KIND_ORDER.indexOf(kind)
  return at < 0 ? KIND_ORDER.length : at
}

/** The order of a sync: phase, wave, kind, name. */
export function compareTasks(a: SyncTask, b: SyncTask): number {
  const [left, right] = [objectOf(a), objectOf(b)]
  return (
    PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) ||
    a.wave - b.wave ||
    kindRank(left.kind) - kindRank(right.kind) ||
    compareText(left.metadata.name ?? '', right.metadata.name ?? '')
  )
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Puts tasks in order: prunes in the reverse of the waves in which the objects came, or after everything else. */
export function orderTasks(tasks: readonly SyncTask[], pruneLast: boolean): SyncTask[] {
  const prunes = tasks.filter(isPrune)
  const waves = [...new Set(prunes.map((task) => task.wave))].sort((a, b) => a - b)
  const mirrored = new Map(waves.map((wave, at) => [wave, waves[waves.length - 1 - at] as number]))
  for (const task of prunes) task.wave = mirrored.get(task.wave) ?? task.wave
  const last = Math.max(0, ...tasks.filter((task) => task.phase === 'Sync' && !isPrune(task)).map((task) => task.wave))
  for (const task of prunes) if (pruneLast || hasOption(task.live, SYNC_OPTIONS, 'PruneLast=true')) task.wave = last + 1
  return [...tasks].sort(compareTasks)
}

/** Whether the tasks are spread over more than one phase or wave, so that health has to be waited for. */
export function isMultiStep(tasks: readonly SyncTask[]): boolean {
  const [first, last] = [tasks[0], tasks.at(-1)]
  return first !== undefined && last !== undefined && (first.phase !== last.phase || first.wave !== last.wave)
}

export function resultOf(task: SyncTask): ResourceResult {
  const object = objectOf(task)
  const images = imagesOf(object)
  return {
    group: groupOf(object),
    version: versionOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    ...(task.status ? { status: task.status } : {}),
    ...(task.message ? { message: task.message } : {}),
    ...(isHook(object) ? { hookType: annotation(object, HOOK_ANNOTATION)?.split(',')[0]?.trim() ?? task.phase } : {}),
    ...(task.operationPhase ? { hookPhase: task.operationPhase } : {}),
    syncPhase: task.phase,
    ...(images.length > 0 ? { images } : {}),
  }
}

/** `waiting for healthy state of apps/Deployment/web and 2 more resources` */
export function waitingMessage(tasks: readonly SyncTask[], deletion = false): string {
  const [first] = tasks
  if (!first) return 'one or more tasks are running'
  const { kind, metadata } = objectOf(first)
  const what = deletion ? 'deletion of' : isHookTask(first) ? 'completion of hook' : 'healthy state of'
  const more = tasks.length > 1 ? ` and ${tasks.length - 1} more ${isHookTask(first) ? 'hooks' : 'resources'}` : ''
  return `waiting for ${what} ${groupOf(objectOf(first))}/${kind}/${metadata.name}${more}`
}

/** `Waiting for pruning confirmation of v1/ConfigMap/a and 1 more resources` */
export function confirmationMessage(tasks: readonly SyncTask[]): string {
  const { apiVersion, kind, metadata } = objectOf(tasks[0] as SyncTask)
  const more = tasks.length > 1 ? ` and ${tasks.length - 1} more resources` : ''
  return `Waiting for pruning confirmation of ${apiVersion}/${kind}/${metadata.name}${more}`
}
