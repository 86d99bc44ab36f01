/** Everything GitLab remembers, close to its wire shape. Times are ISO 8601 with milliseconds, as GitLab writes them. */

export type User = {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly email: string
  readonly created_at: string
}

export type Visibility = 'private' | 'internal' | 'public'

export type Project = {
  readonly id: number
  readonly name: string
  readonly path: string
  readonly namespace: string
  readonly description: string | null
  readonly visibility: Visibility
  readonly default_branch: string | null
  readonly creator_id: number
  readonly created_at: string
  readonly updated_at: string
  readonly last_activity_at: string
  readonly archived: boolean
  readonly topics: readonly string[]
  readonly ci_config_path: string | null
  readonly ci_push_repository_for_job_token_allowed: boolean
  readonly auto_cancel_pending_pipelines: 'enabled' | 'disabled'
  readonly builds_enabled: boolean
  readonly container_registry_enabled: boolean
  readonly marked_for_deletion_on: string | null
  /** Made by a push that has not been received yet. */
  readonly pushed_into_being: boolean
}

/** A personal access token. The token itself is never kept, only its SHA-256. */
export type AccessToken = {
  readonly id: number
  readonly user_id: number
  readonly name: string
  readonly description: string | null
  readonly scopes: readonly string[]
  readonly revoked: boolean
  readonly created_at: string
  readonly last_used_at: string | null
  /** `YYYY-MM-DD`; the token is refused from that day on. */
  readonly expires_at: string | null
  readonly digest: string
}

export type DeployToken = {
  readonly id: number
  readonly project_id: number
  readonly name: string
  readonly username: string
  readonly scopes: readonly string[]
  readonly revoked: boolean
  readonly created_at: string
  readonly expires_at: string | null
  readonly digest: string
}

/** The number that GitLab gives a repository of the registry; what is in it, the registry knows. */
export type ContainerRepository = { readonly id: number; readonly project_id: number; readonly path: string }

/** Access levels: 0 no one, 30 developers, 40 maintainers, 60 administrators. */
export type ProtectedBranch = {
  readonly id: number
  readonly project_id: number
  /** A name, or a pattern with `*`. */
  readonly name: string
  readonly push_access_level: number
  readonly merge_access_level: number
  readonly allow_force_push: boolean
}

export type Variable = {
  readonly id: number
  readonly project_id: number
  readonly key: string
  readonly value: string
  readonly variable_type: 'env_var' | 'file'
  readonly protected: boolean
  readonly masked: boolean
  readonly hidden: boolean
  readonly raw: boolean
  readonly environment_scope: string
  readonly description: string | null
}

export type PipelineStatus =
  | 'created'
  | 'waiting_for_resource'
  | 'preparing'
  | 'pending'
  | 'running'
  | 'success'
  | 'failed'
  | 'canceled'
  | 'skipped'
  | 'manual'
  | 'scheduled'

export type PipelineSource = 'push' | 'api' | 'web'

/**
 * What a newer commit of the same branch does to a pipeline: end it as long as only interruptible jobs have started,
 * end its interruptible jobs, or nothing.
 */
export type AutoCancel = 'conservative' | 'interruptible' | 'none'

export type PipelineVariable = {
  readonly key: string
  readonly value: string
  readonly variable_type: 'env_var' | 'file'
}

export type Pipeline = {
  readonly id: number
  readonly iid: number
  readonly project_id: number
  readonly user_id: number
  readonly sha: string
  readonly before_sha: string
  readonly ref: string
  readonly tag: boolean
  readonly source: PipelineSource
  readonly status: PipelineStatus
  readonly name: string | null
  readonly yaml_errors: string | null
  readonly failure_reason: string | null
  readonly stages: readonly string[]
  readonly auto_cancel: AutoCancel
  readonly variables: readonly PipelineVariable[]
  readonly created_at: string
  readonly updated_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
}

export type JobStatus = Exclude<PipelineStatus, 'preparing' | 'waiting_for_resource'>

export type JobWhen = 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed'

export type Artifact = {
  readonly file_type: 'archive' | 'trace'
  readonly size: number
  readonly filename: string
  readonly file_format: 'zip' | null
}

/** What a job does: its part of the expanded configuration, alone. */
export type JobConfig = {
  /** Name in the configuration; a matrix makes several jobs of one. */
  readonly base: string
  /** What gitlab-ci-local calls the job, which differs for `parallel:`. */
  readonly local_name: string
  /** The keywords of the job after `extends`, `default` and `include` were resolved. */
  readonly keywords: Readonly<Record<string, unknown>>
  /** The global `variables:`. */
  readonly variables: Readonly<Record<string, unknown>>
}

export type Job = {
  readonly id: number
  readonly pipeline_id: number
  readonly project_id: number
  readonly user_id: number
  readonly name: string
  readonly stage: string
  readonly status: JobStatus
  readonly when: JobWhen
  /** True, false, or the exit codes that may happen. */
  readonly allow_failure: boolean | { readonly exit_codes: readonly number[] }
  /** Names of jobs to wait for instead of the earlier stages. */
  readonly needs: readonly { readonly job: string; readonly artifacts: boolean; readonly optional: boolean }[] | null
  readonly config: JobConfig
  readonly failure_reason: string | null
  readonly exit_code: number | null
  /** Replaced by a newer run of the same name. */
  readonly retried: boolean
  /** How often it was started again by itself (`retry:`). */
  readonly retries: number
  readonly scheduled_at: string | null
  readonly created_at: string
  readonly queued_at: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly coverage: number | null
  readonly artifacts: readonly Artifact[]
  /** Variables of its `artifacts:reports:dotenv`. */
  readonly dotenv: Readonly<Record<string, string>>
}

export type HookEvent = 'push_events' | 'tag_push_events' | 'pipeline_events' | 'job_events'

export type Hook = {
  readonly id: number
  readonly project_id: number
  readonly url: string
  readonly name: string | null
  readonly description: string | null
  readonly token: string | null
  readonly enable_ssl_verification: boolean
  readonly push_events_branch_filter: string
  readonly created_at: string
  readonly events: Readonly<Record<HookEvent, boolean>>
}

/** One delivery of a hook. */
export type HookDelivery = {
  readonly id: number
  readonly hook_id: number
  readonly url: string
  readonly trigger: HookEvent
  readonly request_headers: Readonly<Record<string, string>>
  readonly request_data: unknown
  readonly response_headers: Readonly<Record<string, string>>
  readonly response_body: string
  /** An HTTP status, or `internal error` when nothing answered. */
  readonly response_status: string
  readonly execution_duration: number
  readonly created_at: string
}

/** What one push did to one branch or tag. Forty zeros mean that the ref is not there. */
export type RefChange = { readonly ref: string; readonly before: string; readonly after: string }

export const NO_COMMIT = '0'.repeat(40)
