import type { ContainerRepository, Project } from '../entities.ts'
import { REGISTRY_HOST } from '../pipelines/variables.ts'
import type { Services } from '../services.ts'
import { projectPath } from '../store.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  idOf,
  notFound,
  number,
  ownProjectOf,
  paginate,
  projectOf,
  text,
  unauthorized,
} from './support.ts'

/** The project's part of the image registry. */
export function registerRegistry(api: Api, { app, registry }: Services): void {
  const { containerRepositories } = app.records
  const rootOf = (project: Project) => projectPath(project).toLowerCase()

  const repositoriesOf = async (project: Project) => {
    const found = await registry.repositories(rootOf(project))
    return found.map(({ name, createdAt }) => {
      const known = containerRepositories.find(({ path }) => path === name)
      return { record: known ?? containerRepositories.insert({ project_id: project.id, path: name }), createdAt }
    })
  }

  const repositoryView = async (project: Project, record: ContainerRepository, createdAt: string, c: ApiContext) => {
    const params = c.get('params')
    const tags =
      flag(params, 'tags') || flag(params, 'tags_count') || flag(params, 'size') ? await registry.tags(record.path) : []
    return {
      id: record.id,
      name: record.path.slice(rootOf(project).length + 1),
      path: record.path,
      project_id: project.id,
      location: `${REGISTRY_HOST}/${record.path}`,
      created_at: createdAt,
      cleanup_policy_started_at: null,
      status: null,
      ...(flag(params, 'tags_count') ? { tags_count: tags.length } : {}),
      ...(flag(params, 'tags') ? { tags: tags.map(({ name }) => tagView(record, name)) } : {}),
      ...(flag(params, 'size') ? { size: tags.reduce((sum, { size }) => sum + size, 0) } : {}),
    }
  }

  const tagView = (record: ContainerRepository, name: string) => ({
    name,
    path: `${record.path}:${name}`,
    location: `${REGISTRY_HOST}/${record.path}:${name}`,
  })

  const readable = (c: ApiContext): Project => {
    const project = projectOf(app, c)
    const { type } = c.get('identity')
    if (type === 'anonymous' && project.visibility !== 'public') throw unauthorized()
    return project
  }

  const recordOf = (c: ApiContext, project: Project): ContainerRepository => {
    const record = containerRepositories.get(idOf(c, 'repository_id'))
    if (!record || record.project_id !== project.id) throw notFound()
    return record
  }

  api.get('/projects/:id/registry/repositories', async (c) => {
    const project = readable(c)
    const rows = await repositoriesOf(project)
    return paginate(
      c,
      await Promise.all(rows.map(({ record, createdAt }) => repositoryView(project, record, createdAt, c))),
    )
  })

  api.get('/registry/repositories/:repository_id', async (c) => {
    const record = containerRepositories.get(idOf(c, 'repository_id'))
    const project = record && app.records.projects.get(record.project_id)
    if (!record || !project || c.get('identity').type === 'anonymous') throw notFound()
    const found = (await repositoriesOf(project)).find((each) => each.record.id === record.id)
    if (!found) throw notFound()
    return c.json(await repositoryView(project, record, found.createdAt, c))
  })

  api.delete('/projects/:id/registry/repositories/:repository_id', async (c) => {
    const record = recordOf(c, ownProjectOf(app, c))
    await registry.deleteRepository(record.path)
    containerRepositories.delete(record.id)
    return c.json({ message: '202 Accepted' }, 202)
  })

  api.get('/projects/:id/registry/repositories/:repository_id/tags', async (c) => {
    const record = recordOf(c, readable(c))
    return paginate(c, await registry.tags(record.path), ({ name }) => tagView(record, name))
  })

  api.get('/projects/:id/registry/repositories/:repository_id/tags/:tag', async (c) => {
    const record = recordOf(c, readable(c))
    const tag = (await registry.tags(record.path)).find(({ name }) => name === c.req.param('tag'))
    if (!tag) throw notFound('Tag')
    const revision = tag.digest.replace(/^sha256:/, '')
    return c.json({
      ...tagView(record, tag.name),
      revision,
      short_revision: revision.slice(0, 9),
      digest: tag.digest,
      created_at: tag.createdAt,
      total_size: tag.size,
    })
  })

  api.delete('/projects/:id/registry/repositories/:repository_id/tags/:tag', async (c) => {
    const record = recordOf(c, ownProjectOf(app, c))
    if (!(await registry.deleteTag(record.path, c.req.param('tag')))) throw notFound('Tag')
    return c.json({ message: '200 OK' })
  })

  // Deletes what the pattern names, keeping `latest` and the newest `keep_n`.
  api.delete('/projects/:id/registry/repositories/:repository_id/tags', async (c) => {
    const record = recordOf(c, ownProjectOf(app, c))
    const params = c.get('params')
    const pattern = text(params, 'name_regex_delete') ?? text(params, 'name_regex')
    if (!pattern) throw badParameter('name_regex_delete is missing')
    if (params['older_than'] !== undefined) throw badParameter('older_than is not supported by this sandbox')
    const expression = expressionOf(pattern)
    const keep = text(params, 'name_regex_keep')
    const matching = (await registry.tags(record.path))
      .filter(({ name }) => name !== 'latest' && expression.test(name) && !(keep && expressionOf(keep).test(name)))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .slice(number(params, 'keep_n') ?? 0)
    for (const { name } of matching) await registry.deleteTag(record.path, name)
    return c.json({ message: '202 Accepted' }, 202)
  })
}

function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch {
    throw badParameter('name_regex is an invalid regexp')
  }
}
