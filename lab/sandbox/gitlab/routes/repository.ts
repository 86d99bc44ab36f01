import { type App, repositoryOf } from '../app.ts'
import { pipelineView } from '../ci-views.ts'
import type { Project } from '../entities.ts'
import type { Commit, Repository } from '../git/repository.ts'
import type { Services } from '../services.ts'
import { commitView } from '../views.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  notFound,
  pageOf,
  paginate,
  projectOf,
  required,
  sendPage,
  text,
} from './support.ts'

/** What a reader of a repository works with: the commit that `ref` names, the default branch unless told. */
export async function commitOf(app: App, project: Project, ref: string | undefined): Promise<string | undefined> {
  const revision = ref ?? project.default_branch ?? 'HEAD'
  return repositoryOf(app, project).resolve(revision)
}

/** Reading repositories: tree, blobs, archive, commits, compare, branches, tags. */
export function registerRepository(api: Api, { app }: Services): void {
  const at = (c: ApiContext): { project: Project; repository: Repository } => {
    const project = projectOf(app, c)
    return { project, repository: repositoryOf(app, project) }
  }

  api.get('/projects/:id/repository/tree', async (c) => {
    const { project, repository } = at(c)
    const params = c.get('params')
    const sha = await commitOf(app, project, text(params, 'ref'))
    if (!sha) throw notFound('Tree')
    const entries = await repository.tree(sha, text(params, 'path') ?? '', flag(params, 'recursive') ?? false)
    if (!entries) throw notFound('invalid revision or path')
    const rank = (type: string) => (type === 'tree' ? 0 : 1)
    const rows = flag(params, 'recursive') ? entries : entries.sort((a, b) => rank(a.type) - rank(b.type))
    return paginate(c, rows, ({ size: _, ...entry }) => entry)
  })

  api.get('/projects/:id/repository/blobs/:sha/raw', async (c) => {
    const { repository } = at(c)
    const blob = await repository.blob(hex(c.req.param('sha'))).catch(() => undefined)
    if (!blob) throw notFound('Blob')
    return c.body(new Uint8Array(blob), 200, { 'Content-Type': 'text/plain; charset=utf-8' })
  })

  api.get('/projects/:id/repository/blobs/:sha', async (c) => {
    const { repository } = at(c)
    const sha = hex(c.req.param('sha'))
    const blob = await repository.blob(sha).catch(() => undefined)
    if (!blob) throw notFound('Blob')
    return c.json({ size: blob.length, encoding: 'base64', content: blob.toString('base64'), sha })
  })

  for (const [path, format] of [
    ['/projects/:id/repository/archive', 'tar.gz'],
    ['/projects/:id/repository/archive.tar.gz', 'tar.gz'],
    ['/projects/:id/repository/archive.tar', 'tar'],
    ['/projects/:id/repository/archive.zip', 'zip'],
  ] as const) {
    api.get(path, async (c) => {
      const { project, repository } = at(c)
      const ref = text(c.get('params'), 'sha')
      const sha = await commitOf(app, project, ref)
      if (!sha) throw notFound('File')
      const prefix = `${project.path}-${(ref ?? project.default_branch ?? sha).replaceAll('/', '-')}-${sha}`
      const archive = await repository.archive(sha, format, prefix, text(c.get('params'), 'path'))
      return c.body(new Uint8Array(archive), 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${prefix}.${format}"`,
      })
    })
  }

  api.get('/projects/:id/repository/commits', async (c) => {
    const { project, repository } = at(c)
    const params = c.get('params')
    const ref = text(params, 'ref_name')
    const range = ref?.includes('..') ? await rangeOf(repository, ref) : await commitOf(app, project, ref)
    if (!range) {
      if (project.default_branch === null) return paginate(c, [])
      throw notFound('Commit')
    }
    const { skip, perPage } = pageOf(c)
    const { commits, total } = await repository.commits(range, {
      path: text(params, 'path'),
      since: text(params, 'since'),
      until: text(params, 'until'),
      first_parent: flag(params, 'first_parent'),
      skip,
      limit: perPage,
    })
    return sendPage(
      c,
      commits.map((commit) => commitView(app, project, commit)),
      total,
    )
  })

  const commitAt = async (c: ApiContext): Promise<{ project: Project; repository: Repository; commit: Commit }> => {
    const { project, repository } = at(c)
    const sha = await repository.resolve(c.req.param('sha') ?? '')
    if (!sha) throw notFound('Commit')
    return { project, repository, commit: await repository.commit(sha) }
  }

  api.get('/projects/:id/repository/commits/:sha', async (c) => {
    const { project, repository, commit } = await commitAt(c)
    const last = app.records.pipelines.list((each) => each.project_id === project.id && each.sha === commit.sha).at(-1)
    return c.json({
      ...commitView(app, project, commit),
      ...(flag(c.get('params'), 'stats') === false
        ? {}
        : { stats: await repository.stats(commit.parents[0], commit.sha) }),
      status: last?.status ?? null,
      project_id: project.id,
      last_pipeline: last ? pipelineView(app, last) : null,
    })
  })

  api.get('/projects/:id/repository/commits/:sha/diff', async (c) => {
    const { repository, commit } = await commitAt(c)
    return paginate(c, await repository.diff(commit.parents[0], commit.sha))
  })

  api.get('/projects/:id/repository/commits/:sha/refs', async (c) => {
    const { repository, commit } = await commitAt(c)
    const containing = async (kind: 'heads' | 'tags') =>
      (await repository.git('for-each-ref', `--contains=${commit.sha}`, '--format=%(refname)', `refs/${kind}`))
        .split('\n')
        .filter(Boolean)
        .map((ref) => ({ type: kind === 'heads' ? 'branch' : 'tag', name: ref.slice(`refs/${kind}/`.length) }))
    return paginate(c, [...(await containing('heads')), ...(await containing('tags'))])
  })

  api.get('/projects/:id/repository/commits/:sha/statuses', async (c) => {
    const { project, commit } = await commitAt(c)
    const pipelines = app.records.pipelines.list((each) => each.project_id === project.id && each.sha === commit.sha)
    const jobs = app.records.jobs.list(({ pipeline_id }) => pipelines.some(({ id }) => id === pipeline_id))
    return paginate(c, jobs.reverse(), (job) => ({
      id: job.id,
      sha: commit.sha,
      ref: pipelines.find(({ id }) => id === job.pipeline_id)?.ref,
      status: job.status,
      name: job.name,
      created_at: job.created_at,
      started_at: job.started_at,
      finished_at: job.finished_at,
      allow_failure: job.allow_failure === true,
    }))
  })

  api.get('/projects/:id/repository/compare', async (c) => {
    const { project, repository } = at(c)
    const names = required(c.get('params'), 'from', 'to')
    const [from, to] = await Promise.all([repository.resolve(names.from), repository.resolve(names.to)])
    if (!from || !to) throw notFound('Ref')
    const base = flag(c.get('params'), 'straight') ? from : ((await repository.mergeBase(from, to)) ?? from)
    const { commits } = await repository.commits(`${base}..${to}`)
    const views = [...commits].reverse().map((commit) => commitView(app, project, commit))
    return c.json({
      commit: views.at(-1) ?? null,
      commits: views,
      diffs: await repository.diff(base, to),
      compare_timeout: false,
      compare_same_ref: from === to,
      web_url: `${app.url()}/${project.namespace}/${project.path}/-/compare/${names.from}...${names.to}`,
    })
  })

  api.get('/projects/:id/repository/merge_base', async (c) => {
    const { project, repository } = at(c)
    const refs = [c.get('params')['refs']].flat().map(String)
    const [a, b] = await Promise.all(refs.slice(0, 2).map((ref) => repository.resolve(ref)))
    if (!a || !b) throw badParameter('Could not find refs')
    const base = await repository.mergeBase(a, b)
    if (!base) throw notFound('Merge Base')
    return c.json(commitView(app, project, await repository.commit(base)))
  })
}

async function rangeOf(repository: Repository, range: string): Promise<string | undefined> {
  const [, from = '', dots = '', to = ''] = /^(.+?)(\.{2,3})(.+)$/.exec(range) ?? []
  const [a, b] = await Promise.all([repository.resolve(from), repository.resolve(to)])
  return a && b ? `${a}${dots}${b}` : undefined
}

const hex = (text: string): string => (/^[0-9a-f]{4,40}$/.test(text) ? text : '0'.repeat(40))
