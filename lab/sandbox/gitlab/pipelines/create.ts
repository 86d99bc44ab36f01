import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from '../../core/errors.ts'
import { type App, nowOf, repositoryOf } from '../app.ts'
import { isProtected } from '../branches.ts'
import {
  NO_COMMIT,
  type Pipeline,
  type PipelineSource,
  type PipelineVariable,
  type Project,
  type User,
} from '../entities.ts'
import { checkOutToRead } from './checkout.ts'
import { type Plan, plan } from './plan.ts'
import { NOT_STARTED } from './status.ts'
import { pipelineVariables, projectVariables, valueForJob } from './variables.ts'

export type PipelineRequest = {
  readonly project: Project
  readonly user: User
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  readonly before: string
  readonly source: PipelineSource
  readonly variables: readonly PipelineVariable[]
}

/** `[skip ci]` or `[ci skip]`, any case, in a commit message. */
export const skipsPipeline = (message: string): boolean => /\[(?:ci[ _-]skip|skip[ _-]ci)\]/i.test(message)

export const configPathOf = (project: Project): string => project.ci_config_path || '.gitlab-ci.yml'

/** Works out the plan of a commit's configuration, or of `text` in its place. */
export async function planFor(app: App, request: PipelineRequest, iid: number, text: string): Promise<Plan> {
  const { project, ref, tag, sha, before, source } = request
  const repository = repositoryOf(app, project)
  const folder = mkdtempSync(join(app.stateDir, 'plan-'))
  try {
    const checkout = join(folder, 'checkout')
    await checkOutToRead(repository, sha, checkout, before)
    const configPath = '.gitlab-ci.sandbox.yml'
    writeFileSync(join(checkout, configPath), text)
    const protectedRef = isProtected(app, project, ref, tag)
    const commit = await repository.commit(sha)
    const pipeline = { iid, source, ref, tag, sha, before_sha: before, created_at: nowOf(app) }
    const stored = app.records.variables.list(({ project_id }) => project_id === project.id)
    return await plan({
      checkout,
      configPath,
      text,
      scratch: join(folder, 'scratch'),
      variables: {
        ...pipelineVariables({ url: app.url(), project, pipeline, commit, user: request.user, protectedRef }),
        ...Object.fromEntries(projectVariables(stored, protectedRef).map((each) => [each.key, valueForJob(each)])),
        ...Object.fromEntries(request.variables.map((each) => [each.key, valueForJob({ ...each, raw: false })])),
      },
      evaluateChanges: source === 'push' && before !== NO_COMMIT,
      unset: tag ? ['CI_COMMIT_BRANCH'] : [],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Creates a pipeline and its jobs. A configuration that GitLab cannot use makes a failed pipeline with `yaml_errors`.
 * A push without a configuration, or that its rules leave out, makes none: undefined. @throws ApiError 400, API only
 */
export async function createPipeline(app: App, request: PipelineRequest, skip = false): Promise<Pipeline | undefined> {
  const { project, sha, source } = request
  const repository = repositoryOf(app, project)
  const refuse = (message: string): undefined => {
    if (source === 'push') return undefined
    throw new ApiError(400, '400 Bad request', { body: { message: { base: [message] } } })
  }
  const file = await repository.file(sha, configPathOf(project))
  if (!file) return refuse('Missing CI config file')
  const iid = nextIid(app, project)
  const skipped = skip || (source === 'push' && skipsPipeline((await repository.commit(sha)).message))
  const planned = await planFor(app, request, iid, file.content.toString('utf8'))
  if (planned.type === 'filtered') return refuse(planned.message)
  return insert(app, request, planned, skipped)
}

function insert(
  app: App,
  request: PipelineRequest,
  planned: Exclude<Plan, { type: 'filtered' }>,
  skipped: boolean,
): Pipeline {
  const now = nowOf(app)
  const failed = planned.type === 'invalid'
  const pipeline = app.records.pipelines.insert({
    iid: nextIid(app, request.project),
    project_id: request.project.id,
    user_id: request.user.id,
    sha: request.sha,
    before_sha: request.before,
    ref: request.ref,
    tag: request.tag,
    source: request.source,
    status: failed ? 'failed' : skipped ? 'skipped' : 'created',
    name: failed ? null : planned.name,
    yaml_errors: failed ? planned.errors.join('\n') : null,
    failure_reason: failed ? 'config_error' : null,
    stages: failed ? [] : planned.stages,
    auto_cancel: failed ? 'none' : planned.auto_cancel,
    variables: request.variables,
    created_at: now,
    updated_at: now,
    started_at: null,
    finished_at: failed || skipped ? now : null,
  })
  if (failed) return pipeline
  const order = (stage: string) => planned.stages.indexOf(stage)
  for (const job of [...planned.jobs].sort((a, b) => order(a.stage) - order(b.stage))) {
    app.records.jobs.insert({
      pipeline_id: pipeline.id,
      project_id: request.project.id,
      user_id: request.user.id,
      ...job,
      ...NOT_STARTED,
      status: skipped ? 'skipped' : 'created',
      retries: 0,
      created_at: now,
    })
  }
  return pipeline
}

const nextIid = (app: App, project: Project): number =>
  app.records.pipelines
    .list(({ project_id }) => project_id === project.id)
    .reduce((last, { iid }) => Math.max(last, iid), 0) + 1
