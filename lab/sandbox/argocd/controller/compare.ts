import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import type { Condition, HealthStatusCode, ResourceStatus, SyncStatusCode } from '../application.ts'
import type { DiffResult } from '../diff/diff.ts'
import { healthOf, isWorse } from '../health/health.ts'
import { annotation, compact, hasOption, resourceKey } from '../json.ts'
import { isHook, SYNC_OPTIONS, waveOf } from '../sync/hooks.ts'
import { isSelfReferenced, type TrackingMethod, trackedBy } from '../tracking.ts'

/** One resource of an Application: what Git wants, what the cluster has, and how they differ. */
export type ManagedResource = {
  readonly key: string
  readonly target?: KubeObject
  readonly live?: KubeObject
  readonly diff?: DiffResult
}

export type Verdict = {
  /** In the order of `status.resources`: by group, kind, namespace, name. */
  readonly statuses: readonly ResourceStatus[]
  readonly sync: SyncStatusCode
  readonly health: HealthStatusCode
  readonly conditions: readonly Condition[]
}

export type VerdictInput = {
  readonly app: { readonly name: string; readonly namespace: string }
  readonly resources: readonly ManagedResource[]
  readonly trackingMethod: TrackingMethod
  /** The target state could not be rendered: nothing can be said of any resource. */
  readonly failed: boolean
  readonly namespaceMetadataChanged: boolean
  readonly isPermitted: (object: KubeObject) => boolean
}

/** What the comparison of all resources says of the Application. */
export function judge(input: VerdictInput): Verdict {
  const statuses = input.resources.map((resource) => statusOf(resource, input))
  const differs = input.resources.some(
    (resource, at) =>
      statuses[at]?.status === 'OutOfSync' &&
      !(!resource.target && hasOption(resource.live, 'argocd.argoproj.io/compare-options', 'IgnoreExtraneous')),
  )
  const sync = input.failed ? 'Unknown' : differs || input.namespaceMetadataChanged ? 'OutOfSync' : 'Synced'
  return {
    statuses: [...statuses].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)),
    sync,
    health: healthOfAll(input.resources, input.app),
    conditions: sharedWarnings(input),
  }
}

const sortKey = ({ group = '', kind, namespace = '', name = '' }: ResourceStatus): string =>
  [group, kind, namespace, name].join('/')

function statusOf({ target, live, diff }: ManagedResource, input: VerdictInput): ResourceStatus {
  const object = (live ?? target) as KubeObject
  const selfReferenced = isSelfReferenced(live, input.trackingMethod)
  const hook = isHook(object)
  const uncounted = hook || annotation(target, 'argocd.argoproj.io/hook') !== undefined || !selfReferenced
  const judged: SyncStatusCode = !target || !live || diff?.modified ? 'OutOfSync' : 'Synced'
  const known = input.isPermitted(object) && !input.failed
  const status = known ? (uncounted ? undefined : judged) : 'Unknown'
  return compact({
    group: groupOf(object),
    version: versionOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    ...(status ? { status } : {}),
    hook,
    requiresPruning: !target && live !== undefined && selfReferenced,
    requiresDeletionConfirmation:
      hasOption(object, SYNC_OPTIONS, 'Delete=confirm') || hasOption(object, SYNC_OPTIONS, 'Prune=confirm'),
    ...(target && waveOf(target) !== 0 ? { syncWave: waveOf(target) } : {}),
  })
}

/** The worst health of what is there; what is missing counts only when nothing is there at all. */
function healthOfAll(
  resources: readonly ManagedResource[],
  app: { name: string; namespace: string },
): HealthStatusCode {
  const counted = resources.filter(({ target, live }) => {
    const object = (live ?? target) as KubeObject
    if (annotation(object, 'argocd.argoproj.io/hook') !== undefined) return false
    if (annotation(live, 'argocd.argoproj.io/ignore-healthcheck') === 'true') return false
    const itself = object.kind === 'Application' && object.metadata.name === app.name
    return !(itself && object.metadata.namespace === app.namespace)
  })
  const live = counted.flatMap((resource) => (resource.live ? [resource.live] : []))
  if (counted.length > 0 && live.length === 0) return 'Missing'
  return live.reduce<HealthStatusCode>((worst, object) => {
    const health = healthOf(object)?.status
    return health && isWorse(worst, health) ? health : worst
  }, 'Healthy')
}

function sharedWarnings({ resources, app, trackingMethod }: VerdictInput): Condition[] {
  return resources.flatMap(({ live }): Condition[] => {
    const owner = live && trackedBy(live, trackingMethod)
    if (!live || !owner || owner === app.name) return []
    const message = `${live.kind}/${live.metadata.name} is part of applications ${app.namespace}/${app.name} and ${owner.replace('_', '/')}`
    return [{ type: 'SharedResourceWarning', message }]
  })
}

/** Targets with each key once (the last wins), and a warning for each that came more often. */
export function deduplicate(targets: readonly KubeObject[]): { targets: KubeObject[]; conditions: Condition[] } {
  const byKey = new Map<string, { object: KubeObject; count: number }>()
  const unnamed: KubeObject[] = []
  for (const object of targets) {
    if (!object.metadata.name) {
      unnamed.push(object)
      continue
    }
    const key = resourceKey(object)
    byKey.set(key, { object, count: (byKey.get(key)?.count ?? 0) + 1 })
  }
  const conditions = [...byKey].flatMap(([key, { count }]): Condition[] =>
    count > 1
      ? [
          {
            type: 'RepeatedResourceWarning',
            message: `Resource ${key} appeared ${count} times among application resources.`,
          },
        ]
      : [],
  )
  return { targets: [...[...byKey.values()].map(({ object }) => object), ...unnamed], conditions }
}
