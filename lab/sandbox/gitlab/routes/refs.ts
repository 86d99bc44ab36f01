import { ApiError } from '../../core/errors.ts'
import { repositoryOf } from '../app.ts'
import { matchesBranch, protectedBranchesOf } from '../branches.ts'
import { NO_COMMIT, type Project, type RefChange } from '../entities.ts'
import type { Repository } from '../git/repository.ts'
import type { Services } from '../services.ts'
import { branchView, commitView } from '../views.ts'
import {
  type Api,
  type ApiContext,
  notFound,
  ownProjectOf,
  pageOf,
  projectOf,
  required,
  sendPage,
  text,
} from './support.ts'

/** Branches and tags. */
export function registerRefs(api: Api, { app, pushes }: Services): void {
  const at = (c: ApiContext): { project: Project; repository: Repository } => {
    const project = projectOf(app, c)
    return { project, repository: repositoryOf(app, project) }
  }

  const viewBranch = async (project: Project, repository: Repository, name: string, sha: string) => {
    const protections = protectedBranchesOf(app, project).filter((each) => matchesBranch(each.name, name))
    return branchView(app, project, name, await repository.commit(sha), protections)
  }

  api.get('/projects/:id/repository/branches', async (c) => {
    const { project, repository } = at(c)
    const search = text(c.get('params'), 'search')
    const branches = (await repository.refs('heads')).filter(
      ({ name }) => search === undefined || name.includes(search),
    )
    const { skip, perPage } = pageOf(c)
    const page = branches.slice(skip, skip + perPage).map(({ name, sha }) => viewBranch(project, repository, name, sha))
    return sendPage(c, await Promise.all(page), branches.length)
  })

  api.get('/projects/:id/repository/branches/:branch', async (c) => {
    const { project, repository } = at(c)
    const name = c.req.param('branch')
    const sha = await repository.branch(name)
    if (!sha) throw notFound('Branch')
    return c.json(await viewBranch(project, repository, name, sha))
  })

  api.post('/projects/:id/repository/branches', async (c) => {
    const project = ownProjectOf(app, c)
    const repository = repositoryOf(app, project)
    const { branch, ref } = required(c.get('params'), 'branch', 'ref')
    const sha = await repository.resolve(ref)
    if (!sha) throw new ApiError(400, `Invalid reference name: ${ref}`)
    if (await repository.branch(branch)) throw new ApiError(400, 'Branch already exists')
    await checkRefName(repository, branch, 'Branch name is invalid')
    const change = { ref: `refs/heads/${branch}`, before: NO_COMMIT, after: sha }
    await repository.git('update-ref', change.ref, sha, change.before)
    await announce(c, project, change)
    return c.json(await viewBranch(project, repository, branch, sha), 201)
  })

  api.delete('/projects/:id/repository/branches/:branch', async (c) => {
    const project = ownProjectOf(app, c)
    const repository = repositoryOf(app, project)
    const name = c.req.param('branch')
    const sha = await repository.branch(name)
    if (!sha) throw notFound('Branch')
    if (name === project.default_branch) throw new ApiError(405, 'Cannot remove HEAD branch')
    if (protectedBranchesOf(app, project).some((each) => matchesBranch(each.name, name))) {
      throw new ApiError(405, 'Protected branch cant be removed')
    }
    const change = { ref: `refs/heads/${name}`, before: sha, after: NO_COMMIT }
    await repository.git('update-ref', '-d', change.ref, sha)
    await announce(c, project, change)
    return c.body(null, 204)
  })

  const viewTag = async (project: Project, repository: Repository, name: string, sha: string) => ({
    name,
    message: '',
    target: sha,
    commit: commitView(app, project, await repository.commit(sha)),
    release: null,
    protected: false,
    created_at: null,
  })

  api.get('/projects/:id/repository/tags', async (c) => {
    const { project, repository } = at(c)
    const tags = (await repository.refs('tags')).reverse()
    const { skip, perPage } = pageOf(c)
    const page = tags.slice(skip, skip + perPage).map(({ name, sha }) => viewTag(project, repository, name, sha))
    return sendPage(c, await Promise.all(page), tags.length)
  })

  const tagAt = async (repository: Repository, name: string): Promise<string> => {
    const tag = (await repository.refs('tags')).find((each) => each.name === name)
    if (!tag) throw notFound('Tag')
    return tag.sha
  }

  api.get('/projects/:id/repository/tags/:tag', async (c) => {
    const { project, repository } = at(c)
    const name = c.req.param('tag')
    return c.json(await viewTag(project, repository, name, await tagAt(repository, name)))
  })

  api.post('/projects/:id/repository/tags', async (c) => {
    const project = ownProjectOf(app, c)
    const repository = repositoryOf(app, project)
    const params = c.get('params')
    const { tag_name, ref } = required(params, 'tag_name', 'ref')
    if (text(params, 'message'))
      throw new ApiError(400, 'Annotated tags are not supported by this sandbox: push one with git')
    const sha = await repository.resolve(ref)
    if (!sha) throw new ApiError(400, `Target ${ref} is invalid`)
    await checkRefName(repository, tag_name, 'Tag name invalid')
    if ((await repository.refs('tags')).some(({ name }) => name === tag_name)) {
      throw new ApiError(400, `Tag ${tag_name} already exists`)
    }
    const change = { ref: `refs/tags/${tag_name}`, before: NO_COMMIT, after: sha }
    await repository.git('update-ref', change.ref, sha, change.before)
    await announce(c, project, change)
    return c.json(await viewTag(project, repository, tag_name, sha), 201)
  })

  api.delete('/projects/:id/repository/tags/:tag', async (c) => {
    const project = ownProjectOf(app, c)
    const repository = repositoryOf(app, project)
    const name = c.req.param('tag')
    const change = { ref: `refs/tags/${name}`, before: await tagAt(repository, name), after: NO_COMMIT }
    await repository.git('update-ref', '-d', change.ref)
    await announce(c, project, change)
    return c.body(null, 204)
  })

  const announce = (c: ApiContext, project: Project, change: RefChange) => {
    const identity = c.get('identity')
    if (identity.type !== 'user') return Promise.resolve()
    return pushes.receive({ project, user: identity.user, changes: [change], options: [], pipelines: true })
  }
}

async function checkRefName(repository: Repository, name: string, message: string): Promise<void> {
  const ok = await repository.git('check-ref-format', `refs/heads/${name}`).then(
    () => !name.startsWith('-'),
    () => false,
  )
  if (!ok) throw new ApiError(400, message)
}
