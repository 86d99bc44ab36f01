import { ApiError } from '../core/errors.ts'
import { type App, nowOf, repositoryOf } from './app.ts'
import type { Project, User, Visibility } from './entities.ts'
import { findProject, projectPath } from './store.ts'

export type NewProject = {
  readonly owner: User
  readonly name?: string
  readonly path?: string
  readonly visibility?: Visibility
  readonly description?: string | null
  readonly default_branch?: string
  readonly topics?: readonly string[]
  readonly container_registry_enabled?: boolean
  readonly builds_enabled?: boolean
  readonly ci_config_path?: string | null
}

/** An answer of GitLab whose `message` is more than a text. */
export const invalid = (message: Readonly<Record<string, readonly string[]>>): ApiError =>
  new ApiError(400, Object.values(message).flat().join(', '), { body: { message } })

const pathFrom = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '-')
    .replace(/^-+|-+$/g, '')

const PATH_RULE =
  "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'"

/** Names that GitLab's own pages have under a project, or that could not be told from a repository's address. */
const RESERVED = [
  '-',
  'badges',
  'blame',
  'blob',
  'builds',
  'commits',
  'create',
  'edit',
  'files',
  'raw',
  'refs',
  'tree',
  'update',
  'wikis',
]

/** Checks a path as GitLab does. @throws ApiError 400 */
export function checkPath(path: string): void {
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(path) || /\.(git|atom)$/i.test(path) || path === '.' || path === '..') {
    throw invalid({ path: [PATH_RULE] })
  }
  if (RESERVED.includes(path.toLowerCase())) throw invalid({ path: [`${path} is a reserved name`] })
}

export const taken = (): ApiError =>
  invalid({
    'project_namespace.name': ['has already been taken'],
    name: ['has already been taken'],
    path: ['has already been taken'],
  })

/** Creates a project with an empty repository. @throws ApiError 400 with GitLab's body when the path is taken */
export async function createProject(app: App, request: NewProject): Promise<Project> {
  const { owner } = request
  const path = request.path ?? pathFrom(request.name ?? '')
  checkPath(path)
  const name = request.name ?? path
  const siblings = app.records.projects.list(({ namespace }) => namespace === owner.username)
  if (findProject(app.records, `${owner.username}/${path}`) || siblings.some((each) => each.name === name))
    throw taken()
  const now = nowOf(app)
  const project = app.records.projects.insert({
    name,
    path,
    namespace: owner.username,
    description: request.description ?? null,
    visibility: request.visibility ?? 'private',
    default_branch: null,
    creator_id: owner.id,
    created_at: now,
    updated_at: now,
    last_activity_at: now,
    archived: false,
    topics: request.topics ?? [],
    ci_config_path: request.ci_config_path ?? null,
    ci_push_repository_for_job_token_allowed: false,
    auto_cancel_pending_pipelines: 'enabled',
    builds_enabled: request.builds_enabled ?? true,
    container_registry_enabled: request.container_registry_enabled ?? true,
    marked_for_deletion_on: null,
    pushed_into_being: false,
  })
  const repository = repositoryOf(app, project)
  repository.remove()
  await repository.init(request.default_branch ?? 'main')
  return project
}

/** Marks a project for deletion, which frees its path, as GitLab has done since 18.0. */
export function markForDeletion(app: App, project: Project): Project {
  const suffix = `-deletion_scheduled-${project.id}`
  return app.records.projects.update(project.id, {
    name: `${project.name}${suffix}`,
    path: `${project.path}${suffix}`,
    marked_for_deletion_on: nowOf(app).slice(0, 10),
    updated_at: nowOf(app),
  }) as Project
}

/** Takes a deletion back. @throws ApiError 400 if the path has been taken meanwhile */
export function restoreProject(app: App, project: Project): Project {
  const suffix = `-deletion_scheduled-${project.id}`
  const path = project.path.replace(suffix, '')
  if (findProject(app.records, `${project.namespace}/${path}`)) throw taken()
  return app.records.projects.update(project.id, {
    name: project.name.replace(suffix, ''),
    path,
    marked_for_deletion_on: null,
    updated_at: nowOf(app),
  }) as Project
}

export const webUrl = (app: Pick<App, 'url'>, project: Project): string => `${app.url()}/${projectPath(project)}`
export const cloneUrl = (app: Pick<App, 'url'>, project: Project): string => `${webUrl(app, project)}.git`
