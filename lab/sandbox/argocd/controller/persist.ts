import { type JsonMap, mergePatch } from '../../core/json.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { APPLICATIONS, type Application, type ApplicationStatus, REFRESH_ANNOTATION } from '../application.ts'
import type { AppEvents } from './events.ts'

export const CONTROLLER = 'argocd-application-controller'

/**
 * Writes a new status as a merge patch against the one that was read, takes away the refresh annotation that was read
 * with it, and tells events of what changed. Returns the Application as stored.
 */
export async function persistStatus(
  kube: KubeClient,
  events: AppEvents,
  app: Application,
  status: ApplicationStatus,
): Promise<Application> {
  const before = app.status ?? {}
  if (before.sync?.status !== status.sync?.status)
    events.write(app, 'ResourceUpdated', `Updated sync status: ${before.sync?.status ?? ''} -> ${status.sync?.status}`)
  if (before.health?.status !== status.health?.status)
    events.write(
      app,
      'ResourceUpdated',
      `Updated health status: ${before.health?.status ?? ''} -> ${status.health?.status}`,
    )
  const patch: JsonMap = {}
  const changes = mergePatch(withSummary(before), withSummary(status))
  if (changes) patch['status'] = changes
  if (app.metadata.annotations?.[REFRESH_ANNOTATION] !== undefined)
    patch['metadata'] = { annotations: { [REFRESH_ANNOTATION]: null } }
  if (Object.keys(patch).length === 0) return app
  const { name, namespace } = app.metadata
  return (await kube.patch(APPLICATIONS, name, namespace, 'merge', patch, { fieldManager: CONTROLLER })) as Application
}

/** An absent summary and an empty one are the same. */
const withSummary = (status: ApplicationStatus): JsonMap => ({ ...status, summary: status.summary ?? {} })
