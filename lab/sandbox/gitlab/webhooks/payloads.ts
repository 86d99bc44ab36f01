import { type App, repositoryOf } from '../app.ts'
import { type Job, NO_COMMIT, type Pipeline, type Project, type RefChange, type User } from '../entities.ts'
import type { Commit, Repository } from '../git/repository.ts'
import { cloneUrl, webUrl } from '../projects.ts'
import { projectPath } from '../store.ts'

/** GitLab sends no more commits than this with one push. */
const MOST_COMMITS = 20

const VISIBILITY_LEVELS = { private: 0, internal: 10, public: 20 } as const

const titleOf = (message: string): string => message.split('\n', 1)[0] as string

export const sshUrl = (app: Pick<App, 'url'>, project: Project): string =>
  `git@${new URL(app.url()).hostname}:${projectPath(project)}.git`

const projectPart = (app: App, project: Project) => ({
  id: project.id,
  name: project.name,
  description: project.description,
  web_url: webUrl(app, project),
  avatar_url: null,
  git_ssh_url: sshUrl(app, project),
  git_http_url: cloneUrl(app, project),
  namespace: project.namespace,
  visibility_level: VISIBILITY_LEVELS[project.visibility],
  path_with_namespace: projectPath(project),
  default_branch: project.default_branch,
  ci_config_path: project.ci_config_path ?? '',
  homepage: webUrl(app, project),
  url: sshUrl(app, project),
  ssh_url: sshUrl(app, project),
  http_url: cloneUrl(app, project),
})

const userPart = (user: User) => ({
  id: user.id,
  name: user.name,
  username: user.username,
  avatar_url: null,
  email: user.email,
})

async function commitPart(app: App, project: Project, repository: Repository, commit: Commit) {
  const changes = await repository.diff(commit.parents[0], commit.sha)
  return {
    id: commit.sha,
    message: commit.message,
    title: titleOf(commit.message),
    timestamp: commit.committer.date,
    url: `${webUrl(app, project)}/-/commit/${commit.sha}`,
    author: { name: commit.author.name, email: commit.author.email },
    added: changes.filter(({ new_file }) => new_file).map(({ new_path }) => new_path),
    modified: changes
      .filter(({ new_file, deleted_file }) => !new_file && !deleted_file)
      .map(({ new_path }) => new_path),
    removed: changes.filter(({ deleted_file }) => deleted_file).map(({ old_path }) => old_path),
  }
}

/** The commits that a push brought, oldest first: those that the branch, or for a new one no other, had before. */
async function newCommits(repository: Repository, project: Project, change: RefChange) {
  if (change.after === NO_COMMIT || change.ref.startsWith('refs/tags/')) return { commits: [], total: 0 }
  const base = project.default_branch === null ? undefined : await repository.branch(project.default_branch)
  const known = change.before !== NO_COMMIT ? change.before : base === change.after ? undefined : base
  const range = known === undefined ? change.after : `${known}..${change.after}`
  const { commits, total } = await repository.commits(range, { limit: MOST_COMMITS })
  return { commits: [...commits].reverse(), total }
}

/** The body of a push or tag push hook. */
export async function pushPayload(app: App, project: Project, user: User, change: RefChange): Promise<unknown> {
  const repository = repositoryOf(app, project)
  const tag = change.ref.startsWith('refs/tags/')
  const { commits, total } = await newCommits(repository, project, change)
  const sha = change.after === NO_COMMIT ? null : ((await repository.resolve(change.after)) ?? null)
  const part = projectPart(app, project)
  return {
    object_kind: tag ? 'tag_push' : 'push',
    event_name: tag ? 'tag_push' : 'push',
    before: change.before,
    after: change.after,
    ref: change.ref,
    ref_protected: app.records.protectedBranches
      .list(({ project_id }) => project_id === project.id)
      .some(({ name }) => `refs/heads/${name}` === change.ref),
    checkout_sha: sha,
    message: null,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: '',
    user_avatar: null,
    project_id: project.id,
    project: part,
    commits: await Promise.all(commits.map((commit) => commitPart(app, project, repository, commit))),
    total_commits_count: total,
    push_options: {},
    repository: {
      name: project.name,
      url: part.ssh_url,
      description: project.description,
      homepage: part.homepage,
      git_http_url: part.git_http_url,
      git_ssh_url: part.git_ssh_url,
      visibility_level: part.visibility_level,
    },
  }
}

const secondsBetween = (from: string | null, to: string | null): number | null =>
  from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null

/** The body of a pipeline hook. */
export async function pipelinePayload(app: App, project: Project, user: User, pipeline: Pipeline): Promise<unknown> {
  const repository = repositoryOf(app, project)
  const commit = await repository.commit(pipeline.sha)
  const jobs = app.records.jobs.list(({ pipeline_id, retried }) => pipeline_id === pipeline.id && !retried)
  return {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.iid,
      name: pipeline.name,
      ref: pipeline.ref,
      tag: pipeline.tag,
      sha: pipeline.sha,
      before_sha: pipeline.before_sha,
      source: pipeline.source,
      status: pipeline.status,
      detailed_status: pipeline.status,
      stages: [...new Set(jobs.map(({ stage }) => stage))],
      created_at: pipeline.created_at,
      finished_at: pipeline.finished_at,
      duration: secondsBetween(pipeline.started_at, pipeline.finished_at),
      queued_duration: secondsBetween(pipeline.created_at, pipeline.started_at),
      variables: pipeline.variables.map(({ key, value }) => ({ key, value })),
      url: `${webUrl(app, project)}/-/pipelines/${pipeline.id}`,
    },
    merge_request: null,
    user: userPart(user),
    project: projectPart(app, project),
    commit: await commitPart(app, project, repository, commit),
    builds: jobs.map((job) => ({
      id: job.id,
      stage: job.stage,
      name: job.name,
      status: job.status,
      created_at: job.created_at,
      started_at: job.started_at,
      finished_at: job.finished_at,
      duration: secondsBetween(job.started_at, job.finished_at),
      queued_duration: secondsBetween(job.queued_at, job.started_at),
      failure_reason: job.failure_reason,
      when: job.when,
      manual: job.when === 'manual',
      allow_failure: job.allow_failure === true,
      user: userPart(user),
    })),
  }
}

/** The body of a job hook. */
export async function jobPayload(app: App, project: Project, user: User, job: Job): Promise<unknown> {
  const pipeline = app.records.pipelines.get(job.pipeline_id) as Pipeline
  const commit = await repositoryOf(app, project).commit(pipeline.sha)
  return {
    object_kind: 'build',
    ref: pipeline.ref,
    tag: pipeline.tag,
    before_sha: pipeline.before_sha,
    sha: pipeline.sha,
    build_id: job.id,
    build_name: job.name,
    build_stage: job.stage,
    build_status: job.status,
    build_created_at: job.created_at,
    build_started_at: job.started_at,
    build_finished_at: job.finished_at,
    build_duration: secondsBetween(job.started_at, job.finished_at),
    build_queued_duration: secondsBetween(job.queued_at, job.started_at),
    build_allow_failure: job.allow_failure === true,
    build_failure_reason: job.failure_reason ?? 'unknown_failure',
    pipeline_id: pipeline.id,
    project_id: project.id,
    project_name: `${project.namespace} / ${project.name}`,
    user: userPart(user),
    commit: {
      id: pipeline.id,
      sha: pipeline.sha,
      message: commit.message,
      author_name: commit.author.name,
      author_email: commit.author.email,
      status: pipeline.status,
    },
    project: projectPart(app, project),
  }
}
