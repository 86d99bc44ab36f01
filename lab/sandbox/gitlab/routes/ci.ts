import { ApiError } from '../../core/errors.ts'
import { repositoryOf } from '../app.ts'
import { variableView } from '../ci-views.ts'
import { NO_COMMIT, type Project, type User, type Variable } from '../entities.ts'
import { configPathOf, planFor } from '../pipelines/create.ts'
import { invalid } from '../projects.ts'
import type { Services } from '../services.ts'
import {
  type Api,
  type ApiContext,
  flag,
  notFound,
  oneOf,
  ownProjectOf,
  type Params,
  paginate,
  projectOf,
  required,
  text,
  userOf,
} from './support.ts'

/** CI/CD settings: variables, and checking a configuration. */
export function registerCi(api: Api, { app }: Services): void {
  const { variables } = app.records
  const variablesOf = (project: Project) => variables.list(({ project_id }) => project_id === project.id)

  /** One variable; of several with the same key, the one of `filter[environment_scope]`. */
  const variableOf = (c: ApiContext, project: Project): Variable => {
    const filter = c.get('params')['filter'] as Params | undefined
    const scope = filter ? text(filter, 'environment_scope') : undefined
    const found = variablesOf(project).filter(
      ({ key, environment_scope }) =>
        key === c.req.param('key') && (scope === undefined || environment_scope === scope),
    )
    if (found.length > 1) {
      throw new ApiError(
        409,
        "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
      )
    }
    if (!found[0]) throw notFound('Variable')
    return found[0]
  }

  api.get('/projects/:id/variables', (c) => paginate(c, variablesOf(ownProjectOf(app, c)), variableView))

  api.get('/projects/:id/variables/:key', (c) => c.json(variableView(variableOf(c, ownProjectOf(app, c)))))

  api.post('/projects/:id/variables', (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    const { key } = required(params, 'key')
    const value = text(params, 'value') ?? ''
    const hidden = flag(params, 'masked_and_hidden') ?? false
    const wanted = {
      project_id: project.id,
      key,
      value,
      variable_type: oneOf(params, 'variable_type', ['env_var', 'file']) ?? ('env_var' as const),
      protected: flag(params, 'protected') ?? false,
      masked: hidden || (flag(params, 'masked') ?? false),
      hidden,
      raw: flag(params, 'raw') ?? false,
      environment_scope: text(params, 'environment_scope') ?? '*',
      description: text(params, 'description') ?? null,
    }
    check(wanted)
    const same = (each: Variable) => each.key === key && each.environment_scope === wanted.environment_scope
    if (variablesOf(project).some(same)) throw invalid({ key: [`(${key}) has already been taken`] })
    return c.json(variableView(variables.insert(wanted)), 201)
  })

  api.put('/projects/:id/variables/:key', (c) => {
    const variable = variableOf(c, ownProjectOf(app, c))
    const params = c.get('params')
    const changed = {
      ...variable,
      value: text(params, 'value') ?? variable.value,
      variable_type: oneOf(params, 'variable_type', ['env_var', 'file']) ?? variable.variable_type,
      protected: flag(params, 'protected') ?? variable.protected,
      masked: flag(params, 'masked') ?? variable.masked,
      raw: flag(params, 'raw') ?? variable.raw,
      environment_scope: text(params, 'environment_scope') ?? variable.environment_scope,
      description: text(params, 'description') ?? variable.description,
    }
    check(changed)
    return c.json(variableView(variables.update(variable.id, changed) as Variable))
  })

  api.delete('/projects/:id/variables/:key', (c) => {
    variables.delete(variableOf(c, ownProjectOf(app, c)).id)
    return c.body(null, 204)
  })

  const lint = async (project: Project, user: User, ref: string | undefined, content: string | undefined) => {
    const repository = repositoryOf(app, project)
    const branch = ref ?? project.default_branch ?? 'main'
    const sha = await repository.resolve(branch)
    if (!sha) throw notFound('Commit')
    const file = content ?? (await repository.file(sha, configPathOf(project)))?.content.toString('utf8')
    if (file === undefined) throw notFound('Please provide content of .gitlab-ci.yml File')
    const request = {
      project,
      user,
      ref: branch,
      tag: false,
      sha,
      before: NO_COMMIT,
      source: 'push' as const,
      variables: [],
    }
    const planned = await planFor(app, request, 1, file)
    return {
      valid: planned.type !== 'invalid',
      errors: planned.type === 'invalid' ? planned.errors : [],
      warnings: planned.type === 'filtered' ? [planned.message] : [],
      merged_yaml: planned.type === 'invalid' ? file : planned.merged,
      includes: [],
    }
  }

  api.post('/projects/:id/ci/lint', async (c) => {
    const project = ownProjectOf(app, c)
    const { content } = required(c.get('params'), 'content')
    return c.json(await lint(project, userOf(c), text(c.get('params'), 'ref'), content))
  })

  api.get('/projects/:id/ci/lint', async (c) => {
    const project = projectOf(app, c)
    const params = c.get('params')
    return c.json(await lint(project, userOf(c), text(params, 'content_ref') ?? text(params, 'sha'), undefined))
  })
}

function check({ key, value, masked }: Pick<Variable, 'key' | 'value' | 'masked'>): void {
  if (!/^\w{1,255}$/.test(key)) {
    throw invalid({ key: ["can contain only letters, digits and '_'."] })
  }
  if (masked && (value.length < 8 || /\s/.test(value))) throw invalid({ value: ['is invalid'] })
}
