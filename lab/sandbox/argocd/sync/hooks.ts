import type { KubeObject } from '../../core/kube-client.ts'
import type { SyncPhase } from '../application.ts'
import { annotation } from '../json.ts'

/** Annotation: options of a sync for one object. */
export const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options'
export const HOOK_ANNOTATION = 'argocd.argoproj.io/hook'

/** In the order in which a sync goes through them. */
export const PHASES: readonly SyncPhase[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail']

export type DeletePolicy = 'BeforeHookCreation' | 'HookSucceeded' | 'HookFailed'

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const hookTypes = (object: KubeObject | undefined): string[] => list(annotation(object, HOOK_ANNOTATION))

/** An object that says `Skip` is never applied. */
export const isSkipped = (object: KubeObject | undefined): boolean => hookTypes(object).includes('Skip')

export const isHook = (object: KubeObject | undefined): boolean =>
  annotation(object, HOOK_ANNOTATION) !== undefined && !isSkipped(object)

/** The phases in which an object is applied: those it names as a hook, `Sync` for any other. */
export function phasesOf(object: KubeObject): SyncPhase[] {
  if (isSkipped(object)) return []
  return isHook(object) ? PHASES.filter((phase) => hookTypes(object).includes(phase)) : ['Sync']
}

export function deletePolicies(object: KubeObject): DeletePolicy[] {
  const known: DeletePolicy[] = ['BeforeHookCreation', 'HookSucceeded', 'HookFailed']
  const policies = list(annotation(object, 'argocd.argoproj.io/hook-delete-policy'))
  const named = known.filter((policy) => policies.includes(policy))
  return named.length > 0 ? named : ['BeforeHookCreation']
}

/** The `sync-wave` annotation as a number; anything that is no whole number counts as 0. */
export function waveOf(object: KubeObject | undefined): number {
  const text = annotation(object, 'argocd.argoproj.io/sync-wave')
  return text !== undefined && /^[-+]?\d+$/.test(text) ? Number(text) : 0
}
