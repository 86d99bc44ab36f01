import type { KubeClient, KubeObject } from '../../core/kube-client.ts'
import { APPLICATIONS, type Application, isDeletionApproved } from '../application.ts'
import { hasOption } from '../json.ts'
import { resolveDestination } from '../spec.ts'
import { SYNC_OPTIONS, waveOf } from '../sync/hooks.ts'
import type { ResourceOperations } from '../sync/resource-operations.ts'
import { type TrackingMethod, trackedBy } from '../tracking.ts'
import type { ClusterCache } from './cluster-cache.ts'
import { CONTROLLER } from './persist.ts'

const FOREGROUND = 'resources-finalizer.argocd.argoproj.io'
const BACKGROUND = `${FOREGROUND}/background`
const FINALIZERS: readonly string[] = [FOREGROUND, `${FOREGROUND}/foreground`, BACKGROUND]

export type FinalizeTools = {
  readonly kube: KubeClient
  readonly cache: ClusterCache
  readonly operations: ResourceOperations
  readonly trackingMethod: TrackingMethod
}

/**
 * One step of deleting what an Application that is being deleted has made: the last wave first, and nothing before
 * somebody has approved of what says `Delete=confirm`. Takes the finalizer away and returns true when nothing is left;
 * to be called again when something of it changes.
 */
export async function finalizeApplication(app: Application, tools: FinalizeTools): Promise<boolean> {
  const finalizers = app.metadata.finalizers ?? []
  const cascade = finalizers.find((name) => FINALIZERS.includes(name))
  if (!cascade) return true
  const reachable = typeof resolveDestination(app.spec.destination) !== 'string'
  const left = reachable ? objectsToDelete(app, tools) : []
  const confirm = left.some((object) => hasOption(object, SYNC_OPTIONS, 'Delete=confirm'))
  if (confirm && !isDeletionApproved(app, app.metadata.deletionTimestamp ?? '')) return false
  if (left.length > 0) {
    const last = Math.max(...left.map(waveOf))
    const policy = cascade === BACKGROUND ? 'Background' : 'Foreground'
    const now = left.filter((object) => waveOf(object) === last && !object.metadata.deletionTimestamp)
    await Promise.all(now.map((object) => tools.operations.delete(object, policy)))
    return false
  }
  const kept = finalizers.filter((name) => !FINALIZERS.includes(name))
  const { name, namespace, resourceVersion } = app.metadata
  const patch = { metadata: { finalizers: kept.length > 0 ? kept : null, resourceVersion } }
  await tools.kube.patch(APPLICATIONS, name, namespace, 'merge', patch, { fieldManager: CONTROLLER })
  return true
}

function objectsToDelete(app: Application, { cache, trackingMethod }: FinalizeTools): KubeObject[] {
  return [...cache.all()].filter((object) => {
    if (object.metadata.ownerReferences?.length || trackedBy(object, trackingMethod) !== app.metadata.name) return false
    if (object.kind === 'CustomResourceDefinition' || object.metadata.uid === app.metadata.uid) return false
    if (hasOption(object, SYNC_OPTIONS, 'Delete=false')) return false
    return !hasOption(object, 'helm.sh/resource-policy', 'keep')
  })
}
