import { ApiError } from '../../core/errors.ts'
import { protectedBranchesOf } from '../branches.ts'
import type { ProtectedBranch } from '../entities.ts'
import type { Services } from '../services.ts'
import { protectedBranchView } from '../views.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  notFound,
  number,
  ownProjectOf,
  type Params,
  paginate,
  required,
} from './support.ts'

const LEVELS = [0, 30, 40, 60]

/** Protected branches, by name or with `*`. Rules for single users, groups and keys are a paid feature. */
export function registerProtectedBranches(api: Api, { app }: Services): void {
  const { protectedBranches } = app.records

  const branchOf = (c: ApiContext): ProtectedBranch => {
    const project = ownProjectOf(app, c)
    const branch = protectedBranchesOf(app, project).find(({ name }) => name === c.req.param('name'))
    if (!branch) throw notFound()
    return branch
  }

  api.get('/projects/:id/protected_branches', (c) =>
    paginate(c, protectedBranchesOf(app, ownProjectOf(app, c)), protectedBranchView),
  )

  api.get('/projects/:id/protected_branches/:name', (c) => c.json(protectedBranchView(branchOf(c))))

  api.post('/projects/:id/protected_branches', (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    const { name } = required(params, 'name')
    if (protectedBranchesOf(app, project).some((each) => each.name === name)) {
      throw new ApiError(409, `Protected branch '${name}' already exists`)
    }
    const branch = protectedBranches.insert({
      project_id: project.id,
      name,
      push_access_level: level(params, 'push_access_level') ?? 40,
      merge_access_level: level(params, 'merge_access_level') ?? 40,
      allow_force_push: flag(params, 'allow_force_push') ?? false,
    })
    return c.json(protectedBranchView(branch), 201)
  })

  api.patch('/projects/:id/protected_branches/:name', (c) => {
    const branch = branchOf(c)
    const params = c.get('params')
    const changed = protectedBranches.update(branch.id, {
      allow_force_push: flag(params, 'allow_force_push') ?? branch.allow_force_push,
      push_access_level: allowed(params, 'allowed_to_push') ?? branch.push_access_level,
      merge_access_level: allowed(params, 'allowed_to_merge') ?? branch.merge_access_level,
    })
    return c.json(protectedBranchView(changed as ProtectedBranch))
  })

  api.delete('/projects/:id/protected_branches/:name', (c) => {
    protectedBranches.delete(branchOf(c).id)
    return c.body(null, 204)
  })
}

function level(params: Params, name: string): number | undefined {
  const value = number(params, name)
  if (value !== undefined && !LEVELS.includes(value)) throw badParameter(`${name} does not have a valid value`)
  return value
}

/** `[{"access_level": 40}]`; entries that are to be removed (`_destroy`) do not count. */
function allowed(params: Params, name: string): number | undefined {
  const rules = params[name]
  if (!Array.isArray(rules)) return undefined
  const kept = (rules as Params[]).filter((rule) => !flag(rule, '_destroy'))
  if (kept.some((rule) => rule['access_level'] === undefined)) {
    throw badParameter(`${name}: rules for users, groups and deploy keys are not supported by this sandbox`)
  }
  return kept[0] && level(kept[0], 'access_level')
}
