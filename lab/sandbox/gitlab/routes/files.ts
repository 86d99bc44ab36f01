import { createHash } from 'node:crypto'
import { ApiError } from '../../core/errors.ts'
import { nowOf, repositoryOf } from '../app.ts'
import { matchesBranch, ownerMay, protectedBranchesOf } from '../branches.ts'
import type { Project, User } from '../entities.ts'
import { type CommitAction, createCommit } from '../git/write.ts'
import type { Services } from '../services.ts'
import { commitView } from '../views.ts'
import { commitOf } from './repository.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  notFound,
  ownProjectOf,
  type Params,
  projectOf,
  required,
  text,
  userOf,
} from './support.ts'

const ACTIONS = ['create', 'update', 'delete', 'move', 'chmod'] as const

/** Files of a repository, and commits made through the API. */
export function registerFiles(api: Api, { app, pushes }: Services): void {
  const fileAt = async (c: ApiContext) => {
    const project = projectOf(app, c)
    const path = c.req.param('path') ?? ''
    const ref = text(c.get('params'), 'ref')
    const sha = await commitOf(app, project, ref === 'HEAD' ? undefined : ref)
    if (!sha) throw notFound('Commit')
    const repository = repositoryOf(app, project)
    const file = await repository.file(sha, path)
    if (!file) throw notFound('File')
    const [last] = (await repository.commits(sha, { path, limit: 1 })).commits
    const facts = {
      file_name: path.split('/').at(-1) as string,
      file_path: path,
      size: file.content.length,
      encoding: 'base64',
      content_sha256: createHash('sha256').update(file.content).digest('hex'),
      ref: ref ?? project.default_branch ?? 'HEAD',
      blob_id: file.id,
      commit_id: sha,
      last_commit_id: last?.sha ?? sha,
      execute_filemode: file.executable,
    }
    return { facts, content: file.content }
  }

  const inHeaders = (facts: Readonly<Record<string, unknown>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [
        `X-Gitlab-${name
          .split('_')
          .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
          .join('-')}`,
        encodeURI(String(value)),
      ]),
    )

  api.get('/projects/:id/repository/files/:path/raw', async (c) => {
    const { facts, content } = await fileAt(c)
    return c.body(new Uint8Array(content), 200, { 'Content-Type': 'text/plain; charset=utf-8', ...inHeaders(facts) })
  })

  // HEAD comes here too, with the facts in its headers.
  api.get('/projects/:id/repository/files/:path', async (c) => {
    const { facts, content } = await fileAt(c)
    for (const [name, value] of Object.entries(inHeaders(facts))) c.header(name, value)
    return c.json({ ...facts, content: content.toString('base64') })
  })

  for (const [method, action, status] of [
    ['POST', 'create', 201],
    ['PUT', 'update', 200],
    ['DELETE', 'delete', 204],
  ] as const) {
    api.on(method, '/projects/:id/repository/files/:path', async (c) => {
      const project = ownProjectOf(app, c)
      const params = c.get('params')
      const file_path = c.req.param('path')
      const wanted = required(params, 'branch', 'commit_message')
      if (action !== 'delete' && params['content'] === undefined) throw badParameter('content is missing')
      await commit(project, userOf(c), params, [actionOf({ ...params, action, file_path })])
      return action === 'delete' ? c.body(null, 204) : c.json({ file_path, branch: wanted.branch }, status as 200 | 201)
    })
  }

  api.post('/projects/:id/repository/commits', async (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    required(params, 'branch', 'commit_message')
    const actions = params['actions']
    if (!Array.isArray(actions)) throw badParameter('actions is missing')
    if (actions.length === 0) throw badParameter('actions is empty')
    const sha = await commit(
      project,
      userOf(c),
      params,
      actions.map((each) => actionOf(each as Params)),
    )
    const repository = repositoryOf(app, project)
    const made = await repository.commit(sha)
    const stats = await repository.stats(made.parents[0], sha)
    return c.json(
      { ...commitView(app, project, made), stats, status: null, project_id: project.id, last_pipeline: null },
      201,
    )
  })

  async function commit(
    project: Project,
    user: User,
    params: Params,
    actions: readonly CommitAction[],
  ): Promise<string> {
    const repository = repositoryOf(app, project)
    const branch = text(params, 'branch') as string
    const start = text(params, 'start_branch') ?? text(params, 'start_sha')
    const tip = await repository.branch(branch)
    if (start !== undefined && tip && !flag(params, 'force')) {
      throw new ApiError(
        400,
        `A branch called '${branch}' already exists. Switch to that branch in order to make changes`,
      )
    }
    const parent = start === undefined ? tip : await repository.resolve(start)
    if (!parent && project.default_branch !== null) {
      throw new ApiError(
        400,
        start === undefined ? 'You can only create or edit files when you are on a branch' : 'Invalid start branch',
      )
    }
    const protections = protectedBranchesOf(app, project).filter(({ name }) => matchesBranch(name, branch))
    if (protections.length > 0 && !protections.some(({ push_access_level }) => ownerMay(push_access_level))) {
      throw new ApiError(400, 'You are not allowed to push into this branch')
    }
    const change = await createCommit(repository, {
      branch,
      parent,
      message: text(params, 'commit_message') as string,
      actions,
      author: { name: text(params, 'author_name') ?? user.name, email: text(params, 'author_email') ?? user.email },
      committer: user,
      date: nowOf(app),
      force: flag(params, 'force'),
    })
    await pushes.receive({ project, user, changes: [change], options: [], pipelines: true })
    return change.after
  }
}

function actionOf(params: Params): CommitAction {
  const { action, file_path } = required(params, 'action', 'file_path')
  if (!(ACTIONS as readonly string[]).includes(action))
    throw badParameter('actions[0][action] does not have a valid value')
  const content = text(params, 'content')
  const encoding = text(params, 'encoding') === 'base64' ? 'base64' : 'utf8'
  return {
    action: action as CommitAction['action'],
    file_path: file_path.replace(/^\/+/, ''),
    previous_path: text(params, 'previous_path'),
    content: content === undefined ? undefined : Buffer.from(content, encoding),
    execute_filemode: flag(params, 'execute_filemode'),
  }
}
