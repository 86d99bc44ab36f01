import type { Job, Pipeline, Project, User, Variable } from '../entities.ts'
import type { Commit } from '../git/repository.ts'
import { projectPath } from '../store.ts'
import { literal } from './gitlab-ci-local.ts'

/** The name of the registry inside the sandbox, which is what image references carry. */
export const REGISTRY_HOST = 'registry.lab.test'

/** GitLab's slug of a branch or tag: lower case, only a-z, 0-9 and dashes, 63 characters at most. */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')

export const titleOf = (message: string): string => message.split('\n', 1)[0] as string

const seconds = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z')

/** The variables that every job of a pipeline has, and that `rules:` may ask for. */
export function pipelineVariables(from: {
  readonly url: string
  readonly project: Project
  readonly pipeline: Pick<Pipeline, 'iid' | 'source' | 'ref' | 'tag' | 'sha' | 'before_sha' | 'created_at'>
  readonly commit: Commit
  readonly user: User
  readonly protectedRef: boolean
}): Record<string, string> {
  const { url, project, pipeline, commit, user } = from
  const server = new URL(url)
  const path = projectPath(project)
  const title = titleOf(commit.message)
  return {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_SERVER: 'yes',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_URL: url,
    CI_SERVER_HOST: server.hostname,
    CI_SERVER_PORT: server.port || '80',
    CI_SERVER_PROTOCOL: server.protocol.replace(':', ''),
    CI_SERVER_FQDN: server.host,
    CI_SERVER_VERSION: '19.1.0',
    CI_SERVER_VERSION_MAJOR: '19',
    CI_SERVER_VERSION_MINOR: '1',
    CI_SERVER_VERSION_PATCH: '0',
    CI_API_V4_URL: `${url}/api/v4`,
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: project.path,
    CI_PROJECT_TITLE: literal(project.name),
    CI_PROJECT_PATH: path,
    CI_PROJECT_PATH_SLUG: slugOf(path),
    CI_PROJECT_NAMESPACE: project.namespace,
    CI_PROJECT_NAMESPACE_SLUG: slugOf(project.namespace),
    CI_PROJECT_ROOT_NAMESPACE: project.namespace,
    CI_PROJECT_URL: `${url}/${path}`,
    CI_PROJECT_VISIBILITY: project.visibility,
    CI_DEFAULT_BRANCH: project.default_branch ?? 'main',
    CI_DEFAULT_BRANCH_SLUG: slugOf(project.default_branch ?? 'main'),
    CI_CONFIG_PATH: project.ci_config_path ?? '.gitlab-ci.yml',
    CI_REGISTRY: REGISTRY_HOST,
    CI_REGISTRY_IMAGE: `${REGISTRY_HOST}/${path.toLowerCase()}`,
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_PIPELINE_CREATED_AT: seconds(pipeline.created_at),
    CI_COMMIT_SHA: pipeline.sha,
    CI_COMMIT_SHORT_SHA: pipeline.sha.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: pipeline.before_sha,
    CI_COMMIT_REF_NAME: pipeline.ref,
    CI_COMMIT_REF_SLUG: slugOf(pipeline.ref),
    CI_COMMIT_REF_PROTECTED: String(from.protectedRef),
    ...(pipeline.tag ? { CI_COMMIT_TAG: pipeline.ref } : { CI_COMMIT_BRANCH: pipeline.ref }),
    CI_COMMIT_AUTHOR: literal(`${commit.author.name} <${commit.author.email}>`),
    CI_COMMIT_TIMESTAMP: commit.committer.date,
    CI_COMMIT_TITLE: literal(title),
    CI_COMMIT_MESSAGE: literal(commit.message),
    CI_COMMIT_DESCRIPTION: literal(commit.message.slice(title.length).trim()),
    GITLAB_USER_ID: String(user.id),
    GITLAB_USER_LOGIN: user.username,
    GITLAB_USER_NAME: literal(user.name),
    GITLAB_USER_EMAIL: user.email,
  }
}

/** The variables that only a running job has. `token` is a secret. */
export function jobVariables(from: {
  readonly url: string
  readonly project: Project
  readonly pipeline: Pipeline
  readonly job: Job
  readonly token: string
  readonly workspace: string
  readonly startedAt: string
}): Record<string, string> {
  const { url, project, pipeline, job, token, workspace } = from
  const path = projectPath(project)
  const server = new URL(url)
  return {
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_URL: `${url}/${path}/-/pipelines/${pipeline.id}`,
    CI_JOB_ID: String(job.id),
    CI_JOB_NAME: literal(job.name),
    CI_JOB_NAME_SLUG: slugOf(job.name),
    CI_JOB_STAGE: job.stage,
    CI_JOB_URL: `${url}/${path}/-/jobs/${job.id}`,
    CI_JOB_STARTED_AT: seconds(from.startedAt),
    CI_JOB_TOKEN: token,
    CI_REGISTRY_USER: 'gitlab-ci-token',
    CI_REGISTRY_PASSWORD: token,
    CI_REPOSITORY_URL: `${server.protocol}//gitlab-ci-token:${token}@${server.host}/${path}.git`,
    CI_PROJECT_DIR: literal(workspace),
    CI_BUILDS_DIR: literal(workspace.slice(0, -path.length - 1)),
    CI_RUNNER_ID: '1',
    CI_RUNNER_DESCRIPTION: 'gitops-lab',
    CI_RUNNER_EXECUTABLE_ARCH: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    CI_DISPOSABLE_ENVIRONMENT: 'true',
  }
}

/** The project's own variables that a pipeline on this ref gets; those of a certain environment only if it is named. */
export const projectVariables = (
  variables: readonly Variable[],
  protectedRef: boolean,
  environment?: string,
): readonly Variable[] =>
  variables
    .filter((variable) => protectedRef || !variable.protected)
    .filter(({ environment_scope }) => matchesScope(environment_scope, environment))
    .sort((a, b) => a.environment_scope.length - b.environment_scope.length)

function matchesScope(scope: string, environment: string | undefined): boolean {
  if (scope === '*') return true
  if (environment === undefined) return false
  const pattern = scope
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(environment)
}

/** The value of a variable as it goes into a job: `$NAME` in it is expanded unless it is raw. */
export const valueForJob = ({ value, raw }: Pick<Variable, 'value' | 'raw'>): string => (raw ? literal(value) : value)
