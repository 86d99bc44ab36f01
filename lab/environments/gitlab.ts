import { Gitlab } from '@gitbeaker/rest'
import type {
  GitlabCommit,
  GitlabJob,
  GitlabPipeline,
  GitlabProject,
  GitlabReader,
  RegistryReader,
} from '../engine/ports.ts'

type Options = { readonly host: string; readonly user: string; readonly token: string }

/** Reads GitLab and the registry behind it through REST v4. */
export function createGitlabReaders(options: Options): { gitlab: GitlabReader; registry: RegistryReader } {
  const api = new Gitlab({ host: options.host, token: options.token, queryTimeout: 10_000 })
  const id = (project: string) => `${options.user}/${project}`

  const gitlab: GitlabReader = {
    user: async () => absent(async () => ({ username: (await api.Users.showCurrentUser()).username })),

    project: async (name) =>
      absent(async (): Promise<GitlabProject> => {
        const project = await api.Projects.show(id(name))
        return {
          id: project.id,
          path: String(project.path_with_namespace),
          visibility: String(project.visibility),
          defaultBranch: (project.default_branch as string | null) ?? null,
          webUrl: String(project.web_url),
          cloneUrl: String(project.http_url_to_repo),
        }
      }),

    branches: async (project) => (await absent(() => api.Branches.all(id(project))))?.map(({ name }) => name) ?? [],

    commits: async (project, ref) =>
      (await absent(() => api.Commits.all(id(project), { refName: ref, perPage: 20, maxPages: 1 })))?.map(
        (commit): GitlabCommit => ({
          sha: commit.id,
          title: commit.title,
          message: String(commit.message),
          author: String(commit.author_name),
          createdAt: String(commit.created_at),
        }),
      ) ?? [],

    file: async (project, path, ref = 'main') =>
      absent(async () => {
        const { content } = await api.RepositoryFiles.show(id(project), path, ref)
        return Buffer.from(content, 'base64').toString('utf8')
      }),

    pipelines: async (project) => {
      const list = (await absent(() => api.Pipelines.all(id(project), { perPage: 20, maxPages: 1 }))) ?? []
      return Promise.all(
        list.map(async (pipeline, at): Promise<GitlabPipeline> => {
          // Only the list's newest is asked for what the list leaves out.
          const whole = at === 0 ? await api.Pipelines.show(id(project), pipeline.id) : undefined
          return {
            id: pipeline.id,
            iid: pipeline.iid,
            status: pipeline.status,
            ref: pipeline.ref,
            sha: pipeline.sha,
            webUrl: pipeline.web_url,
            createdAt: pipeline.created_at,
            finishedAt: (whole?.finished_at as string | null | undefined) ?? endOf(pipeline),
            yamlErrors: ((whole as { yaml_errors?: string | null } | undefined)?.yaml_errors as string | null) ?? null,
          }
        }),
      )
    },

    jobs: async (project, pipeline) =>
      ((await absent(() => api.Jobs.all(id(project), { pipelineId: pipeline }))) ?? []).map(
        (job): GitlabJob => ({
          id: job.id,
          name: job.name,
          stage: job.stage,
          status: job.status,
          failureReason: (job['failure_reason'] as string | null | undefined) ?? null,
        }),
      ),

    trace: async (project, job) => (await absent(() => api.Jobs.showLog(id(project), job))) ?? '',
  }

  const registry: RegistryReader = {
    tags: async (project) => {
      const repositories = await absent(() =>
        api.ContainerRegistry.allRepositories({ projectId: id(project), tags: true }),
      )
      return (repositories ?? []).flatMap((repository) =>
        ((repository['tags'] as { name: string }[] | undefined) ?? []).map(({ name }) => name),
      )
    },
  }
  return { gitlab, registry }
}

/** The list leaves out when a pipeline finished: nothing changes one that is over. */
const endOf = ({ status, updated_at }: { status: string; updated_at: string }): string | null =>
  ['success', 'failed', 'canceled', 'skipped'].includes(status) ? updated_at : null

/** Undefined for what GitLab does not have or does not show: 404, 403 of an empty project, 401. */
async function absent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    const response = (error as { cause?: { response?: { status?: number } } }).cause?.response
    if (response && [401, 403, 404].includes(response.status ?? 0)) return undefined
    throw error
  }
}
