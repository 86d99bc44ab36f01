import type { Context } from 'hono'
import type { Clock } from '../../core/clock.ts'
import { isNotFound, type KubeClient, KubeError, type KubeObject } from '../../core/kube-client.ts'
import { SECRETS } from '../../core/kube-objects.ts'
import { APPLICATIONS, type Application, PROJECTS } from '../application.ts'
import type { AppEvents } from '../controller/events.ts'
import type { Project } from '../project.ts'
import type { SharedCache } from '../redis.ts'
import type { RepoClient } from '../repo-server/client.ts'
import { SECRET_TYPE_LABEL } from '../repositories.ts'
import { ApiFailure } from './errors.ts'

/** What the routes of argocd-server work with. */
export type Environment = {
  readonly kube: KubeClient
  readonly clock: Clock
  readonly namespace: string
  readonly repo: RepoClient
  readonly shared: SharedCache
  readonly events: AppEvents
  readonly signal: AbortSignal
}

/** The field manager of what argocd-server writes: the name of its program, as with the real one. */
export const MANAGER = 'argocd-server'

const ATTEMPTS = 10

/** An Application; 403 when there is none, so that names cannot be guessed. @throws ApiFailure */
export async function getApplication({ kube, namespace }: Environment, c: Context): Promise<Application> {
  const name = c.req.param('name') ?? ''
  try {
    const app = (await kube.get(APPLICATIONS, name, namespace)) as Application
    const project = c.req.query('project') ?? c.req.query('projects')
    if (project && project !== (app.spec.project || 'default'))
      throw new ApiFailure('NotFound', `applications.argoproj.io "${name}" not found`)
    return app
  } catch (error) {
    if (isNotFound(error)) throw new ApiFailure('PermissionDenied', 'permission denied')
    throw error
  }
}

/** A merge patch that fails when the Application has changed since it was read. */
export async function patchApplication(
  { kube }: Environment,
  app: Application,
  patch: { metadata?: object } & Record<string, unknown>,
): Promise<Application> {
  const { name, namespace, resourceVersion } = app.metadata
  const body = { ...patch, metadata: { ...patch.metadata, resourceVersion } }
  return (await kube.patch(APPLICATIONS, name, namespace, 'merge', body, { fieldManager: MANAGER })) as Application
}

/** Runs what writes an Application, again with a newer one when somebody else was faster. */
export async function onCurrent<T>(
  { kube }: Environment,
  app: Application,
  write: (app: Application) => Promise<T>,
): Promise<T> {
  for (let [current, attempt] = [app, 1]; ; attempt++) {
    try {
      return await write(current)
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 409) || attempt >= ATTEMPTS) throw error
      current = (await kube.get(APPLICATIONS, app.metadata.name, app.metadata.namespace)) as Application
    }
  }
}

export async function getProject({ kube, namespace }: Environment, name: string): Promise<Project> {
  try {
    return (await kube.get(PROJECTS, name || 'default', namespace)) as Project
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new ApiFailure('InvalidArgument', `application references project ${name} which does not exist`)
  }
}

export const repositorySecrets = async ({ kube, namespace }: Environment): Promise<KubeObject[]> =>
  (await kube.list(SECRETS, { namespace, labelSelector: SECRET_TYPE_LABEL })).items

/** The JSON body of a request; an empty one is an empty map. @throws ApiFailure */
export async function bodyOf<T>(c: Context): Promise<T> {
  const text = await c.req.text()
  try {
    return JSON.parse(text === '' ? '{}' : text) as T
  } catch {
    throw new ApiFailure('InvalidArgument', 'the request body is not valid JSON')
  }
}
