import type { App } from './app.ts'
import type { Identity } from './auth/identity.ts'
import { ownerMay } from './branches.ts'
import type { Hook, Project, ProtectedBranch, User } from './entities.ts'
import type { Commit } from './git/repository.ts'
import { REGISTRY_HOST, titleOf } from './pipelines/variables.ts'
import { cloneUrl, webUrl } from './projects.ts'
import { projectPath } from './store.ts'
import { sshUrl } from './webhooks/payloads.ts'

export const basicUserView = (app: App, user: User) => ({
  id: user.id,
  username: user.username,
  public_email: null,
  name: user.name,
  state: 'active',
  locked: false,
  avatar_url: null,
  web_url: `${app.url()}/${user.username}`,
})

/** The user as they see themselves. */
export const ownUserView = (app: App, user: User) => ({
  ...basicUserView(app, user),
  created_at: user.created_at,
  bio: '',
  location: '',
  website_url: '',
  job_title: '',
  bot: false,
  email: user.email,
  commit_email: user.email,
  projects_limit: 100_000,
  identities: [],
  can_create_group: false,
  can_create_project: true,
  two_factor_enabled: false,
  external: false,
  private_profile: false,
  is_admin: true,
  namespace_id: user.id,
})

export const namespaceView = (app: App, user: User) => ({
  id: user.id,
  name: user.name,
  path: user.username,
  kind: 'user',
  full_path: user.username,
  parent_id: null,
  avatar_url: null,
  web_url: `${app.url()}/${user.username}`,
})

const FEATURES_WITHOUT_SANDBOX = {
  issues_enabled: false,
  merge_requests_enabled: false,
  wiki_enabled: false,
  snippets_enabled: false,
  packages_enabled: false,
  lfs_enabled: false,
  issues_access_level: 'disabled',
  merge_requests_access_level: 'disabled',
  wiki_access_level: 'disabled',
  snippets_access_level: 'disabled',
  pages_access_level: 'disabled',
  releases_access_level: 'disabled',
  environments_access_level: 'disabled',
} as const

export async function projectView(app: App, project: Project, identity: Identity) {
  const owner = app.records.users.get(project.creator_id) as User
  const api = `${app.url()}/api/v4/projects/${project.id}`
  const path = projectPath(project)
  const own = identity.type === 'user'
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${owner.name} / ${project.name}`,
    path: project.path,
    path_with_namespace: path,
    created_at: project.created_at,
    updated_at: project.updated_at,
    default_branch: project.default_branch,
    tag_list: project.topics,
    topics: project.topics,
    ssh_url_to_repo: sshUrl(app, project),
    http_url_to_repo: cloneUrl(app, project),
    web_url: webUrl(app, project),
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: project.last_activity_at,
    visibility: project.visibility,
    namespace: namespaceView(app, owner),
    container_registry_image_prefix: `${REGISTRY_HOST}/${path.toLowerCase()}`,
    _links: {
      self: api,
      repo_branches: `${api}/repository/branches`,
      events: `${api}/events`,
      members: `${api}/members`,
    },
    marked_for_deletion_at: project.marked_for_deletion_on,
    marked_for_deletion_on: project.marked_for_deletion_on,
    empty_repo: project.default_branch === null,
    archived: project.archived,
    owner: basicUserView(app, owner),
    creator_id: project.creator_id,
    import_status: 'none',
    open_issues_count: 0,
    jobs_enabled: project.builds_enabled,
    builds_access_level: project.builds_enabled ? 'enabled' : 'disabled',
    repository_access_level: 'enabled',
    container_registry_enabled: project.container_registry_enabled,
    container_registry_access_level: project.container_registry_enabled ? 'enabled' : 'disabled',
    ...FEATURES_WITHOUT_SANDBOX,
    public_jobs: true,
    shared_runners_enabled: true,
    shared_with_groups: [],
    ci_config_path: project.ci_config_path ?? '',
    ci_default_git_depth: 20,
    ci_push_repository_for_job_token_allowed: project.ci_push_repository_for_job_token_allowed,
    auto_cancel_pending_pipelines: project.auto_cancel_pending_pipelines,
    ...(own
      ? { permissions: { project_access: { access_level: 50, notification_level: 3 }, group_access: null } }
      : {}),
  }
}

export const commitView = (app: App, project: Project, commit: Commit) => ({
  id: commit.sha,
  short_id: commit.sha.slice(0, 8),
  created_at: commit.committer.date,
  parent_ids: commit.parents,
  title: titleOf(commit.message),
  message: commit.message,
  author_name: commit.author.name,
  author_email: commit.author.email,
  authored_date: commit.author.date,
  committer_name: commit.committer.name,
  committer_email: commit.committer.email,
  committed_date: commit.committer.date,
  trailers: {},
  extended_trailers: {},
  web_url: `${webUrl(app, project)}/-/commit/${commit.sha}`,
})

const LEVELS: Readonly<Record<number, string>> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Administrators',
}

export const protectedBranchView = (branch: ProtectedBranch) => {
  const level = (access_level: number) => [
    {
      id: branch.id,
      access_level,
      access_level_description: LEVELS[access_level] ?? String(access_level),
      deploy_key_id: null,
    },
  ]
  return {
    id: branch.id,
    name: branch.name,
    push_access_levels: level(branch.push_access_level),
    merge_access_levels: level(branch.merge_access_level),
    allow_force_push: branch.allow_force_push,
  }
}

export const branchView = (
  app: App,
  project: Project,
  name: string,
  commit: Commit,
  protections: readonly ProtectedBranch[],
) => ({
  name,
  commit: commitView(app, project, commit),
  merged: false,
  protected: protections.length > 0,
  developers_can_push: protections.some(({ push_access_level }) => push_access_level === 30),
  developers_can_merge: protections.some(({ merge_access_level }) => merge_access_level === 30),
  can_push: protections.length === 0 || protections.some(({ push_access_level }) => ownerMay(push_access_level)),
  default: name === project.default_branch,
  web_url: `${webUrl(app, project)}/-/tree/${name}`,
})

/** A hook without its token, which GitLab never shows again. */
export const hookView = (hook: Hook) => ({
  id: hook.id,
  url: hook.url,
  name: hook.name,
  description: hook.description,
  created_at: hook.created_at,
  ...hook.events,
  merge_requests_events: false,
  repository_update_events: false,
  enable_ssl_verification: hook.enable_ssl_verification,
  alert_status: 'executable',
  disabled_until: null,
  url_variables: [],
  issues_events: false,
  confidential_issues_events: false,
  note_events: false,
  confidential_note_events: null,
  wiki_page_events: false,
  deployment_events: false,
  releases_events: false,
  push_events_branch_filter: hook.push_events_branch_filter,
  branch_filter_strategy: 'wildcard',
  project_id: hook.project_id,
})
