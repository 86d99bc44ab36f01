import { type App, repositoryOf } from './app.ts'
import type { Job, Pipeline, Project, User, Variable } from './entities.ts'
import { webUrl } from './projects.ts'
import { basicUserView, commitView } from './views.ts'

const seconds = (from: string | null, to: string | null): number | null =>
  from && to ? Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000) : null

export function pipelineView(app: App, pipeline: Pipeline) {
  const project = app.records.projects.get(pipeline.project_id) as Project
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.project_id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.created_at,
    updated_at: pipeline.updated_at,
    web_url: `${webUrl(app, project)}/-/pipelines/${pipeline.id}`,
    name: pipeline.name,
  }
}

const STATUS_WORDS: Readonly<Record<string, readonly [icon: string, label: string]>> = {
  success: ['status_success', 'passed'],
  failed: ['status_failed', 'failed'],
}

/** A pipeline in full. */
export function pipelineDetails(app: App, pipeline: Pipeline) {
  const view = pipelineView(app, pipeline)
  const user = app.records.users.get(pipeline.user_id) as User
  const [icon, label] = STATUS_WORDS[pipeline.status] ?? [`status_${pipeline.status}`, pipeline.status]
  const jobs = app.records.jobs.list(({ pipeline_id, retried }) => pipeline_id === pipeline.id && !retried)
  const warned = pipeline.status === 'success' && jobs.some(({ status }) => status === 'failed')
  const coverages = jobs.flatMap(({ coverage }) => coverage ?? [])
  const average = coverages.reduce((sum, each) => sum + each, 0) / coverages.length
  return {
    ...view,
    before_sha: pipeline.before_sha,
    tag: pipeline.tag,
    yaml_errors: pipeline.yaml_errors,
    user: basicUserView(app, user),
    started_at: pipeline.started_at,
    finished_at: pipeline.finished_at,
    committed_at: null,
    duration: seconds(pipeline.started_at, pipeline.finished_at),
    queued_duration: seconds(pipeline.created_at, pipeline.started_at),
    coverage: coverages.length > 0 ? average.toFixed(2) : null,
    detailed_status: {
      icon: warned ? 'status_warning' : icon,
      text: warned ? 'Warning' : label.charAt(0).toUpperCase() + label.slice(1),
      label: warned ? 'passed with warnings' : label,
      group: warned ? 'success-with-warnings' : pipeline.status,
      tooltip: label,
      has_details: true,
      details_path: new URL(view.web_url).pathname,
      illustration: null,
      favicon: null,
    },
    archived: false,
  }
}

export async function jobView(app: App, job: Job, now: number) {
  const project = app.records.projects.get(job.project_id) as Project
  const pipeline = app.records.pipelines.get(job.pipeline_id) as Pipeline
  const user = app.records.users.get(job.user_id) as User
  const commit = await repositoryOf(app, project).commit(pipeline.sha)
  const archive = job.artifacts.find(({ file_type }) => file_type === 'archive')
  const ended = job.finished_at ?? (job.status === 'running' ? new Date(now).toISOString() : null)
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: pipeline.tag,
    coverage: job.coverage,
    allow_failure:
      typeof job.allow_failure === 'boolean'
        ? job.allow_failure
        : job.allow_failure.exit_codes.includes(job.exit_code ?? -1),
    created_at: job.created_at,
    started_at: job.started_at,
    finished_at: job.finished_at,
    erased_at: null,
    duration: seconds(job.started_at, ended),
    queued_duration: seconds(job.queued_at, job.started_at),
    ...(job.failure_reason ? { failure_reason: job.failure_reason } : {}),
    user: basicUserView(app, user),
    commit: commitView(app, project, commit),
    pipeline: pipelineView(app, pipeline),
    web_url: `${webUrl(app, project)}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
    ...(archive ? { artifacts_file: { filename: archive.filename, size: archive.size } } : {}),
    artifacts: job.artifacts,
    runner: job.started_at ? RUNNER : null,
    runner_manager: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}

const RUNNER = {
  id: 1,
  description: 'gitops-lab',
  ip_address: '127.0.0.1',
  active: true,
  paused: false,
  is_shared: true,
  runner_type: 'instance_type',
  name: 'gitlab-runner',
  online: true,
  status: 'online',
} as const

export const variableView = ({ id: _, project_id: __, hidden, ...variable }: Variable) => ({
  variable_type: variable.variable_type,
  key: variable.key,
  value: hidden ? null : variable.value,
  hidden,
  protected: variable.protected,
  masked: variable.masked,
  raw: variable.raw,
  environment_scope: variable.environment_scope,
  description: variable.description,
})
