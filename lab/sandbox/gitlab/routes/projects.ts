import { ApiError } from '../../core/errors.ts'
import { type App, nowOf, repositoryOf } from '../app.ts'
import { canSee } from '../auth/identity.ts'
import { protectDefaultBranch } from '../branches.ts'
import type { Project, Visibility } from '../entities.ts'
import { createCommit } from '../git/write.ts'
import { checkPath, createProject, invalid, markForDeletion, restoreProject, taken } from '../projects.ts'
import { removeProject } from '../removal.ts'
import type { Services } from '../services.ts'
import { findProject, projectPath } from '../store.ts'
import { basicUserView, projectView } from '../views.ts'
import {
  type Api,
  badParameter,
  flag,
  list,
  number,
  oneOf,
  ownProjectOf,
  type Params,
  pageOf,
  paginate,
  projectOf,
  sendPage,
  text,
  userOf,
} from './support.ts'

const VISIBILITIES: readonly Visibility[] = ['private', 'internal', 'public']

/** Projects: list, create, change, delete and bring back. */
export function registerProjects(api: Api, services: Services): void {
  const { app, pushes } = services
  const { projects } = app.records

  api.get('/projects', async (c) => {
    const identity = c.get('identity')
    const params = c.get('params')
    const mine = flag(params, 'owned') || flag(params, 'membership')
    const search = text(params, 'search')?.toLowerCase()
    const visibility = oneOf(params, 'visibility', VISIBILITIES)
    const archived = flag(params, 'archived')
    const found = projects
      .list((project) => canSee(identity, project) && !(mine && identity.type !== 'user'))
      .filter(
        (project) =>
          search === undefined || [project.name, project.path].some((each) => each.toLowerCase().includes(search)),
      )
      .filter((project) => visibility === undefined || project.visibility === visibility)
      .filter((project) => archived === undefined || project.archived === archived)
      .filter((project) => (number(params, 'id_after') ?? 0) < project.id)
    const rows = sorted(found, params)
    const { skip, perPage } = pageOf(c)
    const page = await Promise.all(
      rows.slice(skip, skip + perPage).map((project) => projectView(app, project, identity)),
    )
    return sendPage(c, page, rows.length)
  })

  api.post('/projects', async (c) => {
    const owner = userOf(c)
    const params = c.get('params')
    const [name, path] = [text(params, 'name'), text(params, 'path')]
    if (!name && !path) {
      throw badParameter('name, path are missing, at least one parameter must be provided')
    }
    const namespace = number(params, 'namespace_id')
    if (namespace !== undefined && namespace !== owner.id) throw invalid({ namespace: ['is not valid'] })
    const project = await createProject(app, {
      owner,
      name: name || undefined,
      path: path || undefined,
      ...settingsOf(params),
      default_branch: text(params, 'default_branch'),
    })
    if (flag(params, 'initialize_with_readme')) {
      const branch = text(params, 'default_branch') ?? 'main'
      const readme = `# ${project.name}\n${project.description ? `\n${project.description}\n` : ''}`
      const change = await createCommit(repositoryOf(app, project), {
        branch,
        parent: undefined,
        message: 'Initial commit',
        actions: [{ action: 'create', file_path: 'README.md', content: Buffer.from(readme) }],
        author: owner,
        committer: owner,
        date: nowOf(app),
      })
      await pushes.receive({ project, user: owner, changes: [change], options: [], pipelines: true })
    }
    return c.json(await projectView(app, projects.get(project.id) as Project, c.get('identity')), 201)
  })

  api.get('/projects/:id', async (c) => c.json(await projectView(app, projectOf(app, c), c.get('identity'))))

  api.put('/projects/:id', async (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    const [name, path, branch] = [text(params, 'name'), text(params, 'path'), text(params, 'default_branch')]
    if (path !== undefined) {
      checkPath(path)
      const other = findProject(app.records, `${project.namespace}/${path}`)
      if (other && other.id !== project.id) throw taken()
    }
    if (branch !== undefined) await changeDefaultBranch(app, project, branch)
    const changed = projects.update(project.id, {
      ...settingsOf(params),
      ...(name === undefined ? {} : { name }),
      ...(path === undefined ? {} : { path }),
      ...(branch === undefined ? {} : { default_branch: branch }),
      updated_at: nowOf(app),
    })
    return c.json(await projectView(app, changed as Project, c.get('identity')))
  })

  api.delete('/projects/:id', async (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    if (!flag(params, 'permanently_remove')) {
      if (project.marked_for_deletion_on) throw new ApiError(400, 'Project has already been marked for deletion')
      markForDeletion(app, project)
      return c.json({ message: '202 Accepted' }, 202)
    }
    if (!project.marked_for_deletion_on) throw new ApiError(400, 'Project must be marked for deletion first.')
    if (text(params, 'full_path') !== projectPath(project)) {
      throw new ApiError(400, '`full_path` is incorrect. You must enter the complete path for the project.')
    }
    await removeProject(services, project)
    return c.json({ message: '202 Accepted' }, 202)
  })

  api.post('/projects/:id/restore', async (c) => {
    const restored = restoreProject(app, ownProjectOf(app, c))
    return c.json(await projectView(app, restored, c.get('identity')), 201)
  })

  for (const path of ['/projects/:id/members', '/projects/:id/members/all'] as const) {
    api.get(path, (c) => {
      const project = projectOf(app, c)
      const owners = app.records.users.list(({ id }) => id === project.creator_id)
      return paginate(c, owners, (user) => ({ ...basicUserView(app, user), access_level: 50, expires_at: null }))
    })
  }

  api.get('/projects/:id/merge_requests', (c) => {
    projectOf(app, c)
    return paginate(c, [])
  })
}

function settingsOf(params: Params): Partial<Project> {
  const access = (name: string, old: string) => {
    const level = oneOf(params, name, ['disabled', 'private', 'enabled'])
    return level === undefined ? flag(params, old) : level !== 'disabled'
  }
  const settings = {
    description: text(params, 'description'),
    visibility: oneOf(params, 'visibility', VISIBILITIES),
    topics: list(params, 'topics') ?? list(params, 'tag_list'),
    ci_config_path: text(params, 'ci_config_path'),
    container_registry_enabled: access('container_registry_access_level', 'container_registry_enabled'),
    builds_enabled: access('builds_access_level', 'jobs_enabled'),
    auto_cancel_pending_pipelines: oneOf(params, 'auto_cancel_pending_pipelines', ['enabled', 'disabled']),
    ci_push_repository_for_job_token_allowed: flag(params, 'ci_push_repository_for_job_token_allowed'),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

async function changeDefaultBranch(app: App, project: Project, branch: string): Promise<void> {
  const repository = repositoryOf(app, project)
  if (!(await repository.branch(branch))) {
    throw invalid({ base: [`Could not change HEAD: branch '${branch}' does not exist`] })
  }
  await repository.setHead(branch)
  protectDefaultBranch(app, project, branch)
}

const ORDERS = [
  'id',
  'name',
  'path',
  'created_at',
  'updated_at',
  'last_activity_at',
  'similarity',
  'star_count',
] as const

function sorted(projects: readonly Project[], params: Params): Project[] {
  const order = oneOf(params, 'order_by', ORDERS) ?? 'created_at'
  const descending = (oneOf(params, 'sort', ['asc', 'desc']) ?? 'desc') === 'desc'
  const key = (project: Project) =>
    order === 'name' || order === 'path'
      ? project[order].toLowerCase()
      : order === 'updated_at' || order === 'last_activity_at'
        ? project[order]
        : ''
  const rows = [...projects].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id))
  return descending ? rows.reverse() : rows
}
