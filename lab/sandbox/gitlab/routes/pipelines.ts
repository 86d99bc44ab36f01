import { ApiError } from '../../core/errors.ts'
import { repositoryOf } from '../app.ts'
import { jobView, pipelineDetails, pipelineView } from '../ci-views.ts'
import { NO_COMMIT, type Pipeline, type Project } from '../entities.ts'
import { createPipeline } from '../pipelines/create.ts'
import type { Services } from '../services.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  idOf,
  list,
  notFound,
  oneOf,
  ownProjectOf,
  type Params,
  pageOf,
  paginate,
  projectOf,
  required,
  sendPage,
  text,
  userOf,
} from './support.ts'

const SCOPES = ['running', 'pending', 'finished', 'branches', 'tags'] as const
const FINISHED = ['success', 'failed', 'canceled', 'skipped']

/** Pipelines: list, create, retry, cancel, delete. */
export function registerPipelines(api: Api, { app, scheduler, webhooks }: Services): void {
  const { pipelines, jobs } = app.records

  const pipelineOf = (c: ApiContext, project: Project): Pipeline => {
    const pipeline = pipelines.get(idOf(c, 'pipeline_id'))
    if (!pipeline || pipeline.project_id !== project.id) throw notFound()
    return pipeline
  }

  api.get('/projects/:id/pipelines', (c) => {
    const project = projectOf(app, c)
    const params = c.get('params')
    const is = (name: 'ref' | 'sha' | 'status' | 'source' | 'name') => {
      const wanted = text(params, name)
      return (pipeline: Pipeline) => wanted === undefined || pipeline[name] === wanted
    }
    const scope = oneOf(params, 'scope', SCOPES)
    const inScope = (pipeline: Pipeline) =>
      scope === undefined ||
      (scope === 'finished' && FINISHED.includes(pipeline.status)) ||
      scope === pipeline.status ||
      (scope === 'tags' && pipeline.tag) ||
      (scope === 'branches' && !pipeline.tag)
    const yaml = flag(params, 'yaml_errors')
    const order = oneOf(params, 'order_by', ['id', 'status', 'ref', 'updated_at', 'user_id']) ?? 'id'
    const rows = pipelines
      .list((pipeline) => pipeline.project_id === project.id)
      .filter((pipeline) =>
        [is('ref'), is('sha'), is('status'), is('source'), is('name'), inScope].every((matches) => matches(pipeline)),
      )
      .filter(({ yaml_errors }) => yaml === undefined || yaml === (yaml_errors !== null))
      .sort((a, b) => (a[order] < b[order] ? -1 : a[order] > b[order] ? 1 : a.id - b.id))
    if ((oneOf(params, 'sort', ['asc', 'desc']) ?? 'desc') === 'desc') rows.reverse()
    return paginate(c, rows, (pipeline) => pipelineView(app, pipeline))
  })

  // GitLab answers 403, not 404, when the newest commit of the branch has no pipeline.
  api.get('/projects/:id/pipelines/latest', async (c) => {
    const project = projectOf(app, c)
    const ref = text(c.get('params'), 'ref') ?? project.default_branch ?? 'main'
    const sha = await repositoryOf(app, project).resolve(ref)
    const latest = pipelines
      .list((each) => each.project_id === project.id && each.ref === ref && each.sha === sha)
      .at(-1)
    if (!latest) throw new ApiError(403, '403 Forbidden')
    return c.json(pipelineDetails(app, latest))
  })

  api.get('/projects/:id/pipelines/:pipeline_id', (c) => c.json(pipelineDetails(app, pipelineOf(c, projectOf(app, c)))))

  api.get('/projects/:id/pipelines/:pipeline_id/variables', (c) =>
    c.json(pipelineOf(c, ownProjectOf(app, c)).variables.map((each) => ({ ...each, raw: false }))),
  )

  api.get('/projects/:id/pipelines/:pipeline_id/jobs', async (c) => {
    const pipeline = pipelineOf(c, projectOf(app, c))
    const params = c.get('params')
    const scope = list(params, 'scope')
    const retried = flag(params, 'include_retried') ?? false
    const rows = jobs
      .list((job) => job.pipeline_id === pipeline.id && (retried || !job.retried))
      .filter(({ status }) => scope === undefined || scope.includes(status))
      .reverse()
    const { skip, perPage } = pageOf(c)
    const page = rows.slice(skip, skip + perPage).map((job) => jobView(app, job, app.clock.now()))
    return sendPage(c, await Promise.all(page), rows.length)
  })

  for (const kind of ['bridges', 'test_report'] as const) {
    api.get(`/projects/:id/pipelines/:pipeline_id/${kind}`, (c) => {
      pipelineOf(c, projectOf(app, c))
      const empty = {
        total_time: 0,
        total_count: 0,
        success_count: 0,
        failed_count: 0,
        skipped_count: 0,
        error_count: 0,
        test_suites: [],
      }
      return kind === 'bridges' ? paginate(c, []) : c.json(empty)
    })
  }

  api.post('/projects/:id/pipeline', async (c) => {
    const project = ownProjectOf(app, c)
    const user = userOf(c)
    const params = c.get('params')
    const { ref } = required(params, 'ref')
    const repository = repositoryOf(app, project)
    const branch = await repository.branch(ref)
    const sha = branch ?? (await repository.resolve(`refs/tags/${ref}`))
    if (!sha) throw new ApiError(400, 'Reference not found', { body: { message: { base: ['Reference not found'] } } })
    if (params['inputs'] !== undefined) throw badParameter('inputs are not supported by this sandbox')
    const request = {
      project,
      user,
      ref,
      tag: !branch,
      sha,
      before: NO_COMMIT,
      source: 'api' as const,
      variables: variablesOf(params),
    }
    const pipeline = (await createPipeline(app, request)) as Pipeline
    webhooks.pipeline(pipeline)
    if (pipeline.yaml_errors) {
      throw new ApiError(400, pipeline.yaml_errors, { body: { message: { base: pipeline.yaml_errors.split('\n') } } })
    }
    scheduler.supersede(pipeline)
    scheduler.process(pipeline.id)
    return c.json(pipelineDetails(app, pipelines.get(pipeline.id) as Pipeline), 201)
  })

  api.post('/projects/:id/pipelines/:pipeline_id/retry', (c) => {
    const pipeline = pipelineOf(c, ownProjectOf(app, c))
    scheduler.retryPipeline(pipeline.id, userOf(c).id)
    return c.json(pipelineDetails(app, pipelines.get(pipeline.id) as Pipeline), 201)
  })

  api.post('/projects/:id/pipelines/:pipeline_id/cancel', (c) => {
    const pipeline = pipelineOf(c, ownProjectOf(app, c))
    scheduler.cancelPipeline(pipeline.id)
    return c.json(pipelineDetails(app, pipelines.get(pipeline.id) as Pipeline), 200)
  })

  api.delete('/projects/:id/pipelines/:pipeline_id', async (c) => {
    await scheduler.delete(pipelineOf(c, ownProjectOf(app, c)).id)
    return c.body(null, 204)
  })
}

function variablesOf(params: Params): Pipeline['variables'] {
  const given = params['variables'] ?? []
  const entries = Array.isArray(given)
    ? (given as Params[])
    : Object.entries(given).map(([key, value]) => ({ key, value }))
  return entries.map((entry) => {
    const { key } = required(entry, 'key')
    const variable_type = oneOf(entry, 'variable_type', ['env_var', 'file']) ?? 'env_var'
    return { key, value: text(entry, 'value') ?? '', variable_type }
  })
}
