import type { KubeObject, RemoveOptions, Resource } from '../../types.ts'
import { CLEANUP_FINALIZER, DEFINITIONS } from './resources.ts'
import { timestamp } from './values.ts'

/** What a delete does: takes the object away, stores it marked as being deleted, or finds that marked already. */
export type Deletion =
  | { readonly action: 'remove'; readonly object: KubeObject }
  | { readonly action: 'mark'; readonly object: KubeObject }
  | { readonly action: 'none'; readonly object: KubeObject }

const PROPAGATION_FINALIZERS = ['orphan', 'foregroundDeletion']

/** Finalizers after the propagation policy; without a policy those on the object decide. */
function finalizersFor(object: KubeObject, policy: RemoveOptions['propagationPolicy']): string[] {
  const present = object.metadata.finalizers ?? []
  if (policy === undefined) return present
  const wanted = policy === 'Orphan' ? 'orphan' : policy === 'Foreground' ? 'foregroundDeletion' : undefined
  const others = present.filter((name) => !PROPAGATION_FINALIZERS.includes(name) || name === wanted)
  return wanted === undefined || others.includes(wanted) ? others : [...others, wanted]
}

/** Seconds between the mark and the end. Only Pods have any, and only those that a kubelet may be running. */
function gracePeriod(resource: Resource, object: KubeObject, asked: number | undefined): number {
  if (resource.group !== '' || resource.plural !== 'pods') return 0
  if (!object['spec']?.nodeName || ['Succeeded', 'Failed'].includes(object['status']?.phase)) return 0
  return Math.max(0, asked ?? object['spec']?.terminationGracePeriodSeconds ?? 30)
}

/** Decides a delete. The object that comes back is a new one where it differs. */
export function planDeletion(resource: Resource, object: KubeObject, options: RemoveOptions, now: number): Deletion {
  const { metadata } = object
  const finalizers = finalizersFor(object, options.propagationPolicy)
  const finalizersChanged = finalizers.length !== (metadata.finalizers ?? []).length
  let grace = gracePeriod(resource, object, options.gracePeriodSeconds)
  const held = finalizers.length > 0 || heldBySpec(object)

  if (metadata.deletionTimestamp) {
    const left = metadata.deletionGracePeriodSeconds ?? 0
    // A grace period can only be shortened.
    if (options.gracePeriodSeconds === undefined || grace >= left) grace = left
    if (!held && grace === 0) return { action: 'remove', object }
    if (grace === left && !finalizersChanged) return { action: 'none', object }
    const started = Date.parse(metadata.deletionTimestamp) - left * 1000
    return { action: 'mark', object: marked(object, finalizers, grace, started, 0) }
  }
  const gone = !held && grace === 0
  return { action: gone ? 'remove' : 'mark', object: marked(object, finalizers, grace, now, 1) }
}

function marked(
  object: KubeObject,
  finalizers: string[],
  grace: number,
  start: number,
  generations: number,
): KubeObject {
  const { finalizers: _, ...metadata } = object.metadata
  return {
    ...object,
    // A namespace that waits for its content says so.
    ...(heldBySpec(object) ? { status: { ...object['status'], phase: 'Terminating' } } : {}),
    metadata: {
      ...metadata,
      ...(metadata.generation ? { generation: metadata.generation + generations } : {}),
      deletionTimestamp: timestamp(start + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(finalizers.length > 0 ? { finalizers } : {}),
    },
  }
}

/** Whether an object that was just written has nothing left that keeps it. */
export const isOver = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  !object.metadata.deletionGracePeriodSeconds &&
  (object.metadata.finalizers ?? []).length === 0 &&
  !heldBySpec(object)

/** A namespace has finalizers of its own kind in its spec. */
const heldBySpec = ({ apiVersion, kind, spec }: KubeObject): boolean =>
  apiVersion === 'v1' && kind === 'Namespace' && (spec?.finalizers ?? []).length > 0

/** A definition that is deleted first waits for its objects, and says so. */
export function withCleanUp(resource: Resource, object: KubeObject, now: number): KubeObject {
  const isDefinition = resource.group === DEFINITIONS.group && resource.plural === DEFINITIONS.plural
  const { deletionTimestamp, finalizers = [] } = object.metadata
  if (!isDefinition || deletionTimestamp || !object['status']?.acceptedNames?.plural) return object
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timestamp(now),
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  }
  return {
    ...object,
    metadata: { ...object.metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] },
    status: { ...object['status'], conditions: [...(object['status'].conditions ?? []), terminating] },
  }
}
