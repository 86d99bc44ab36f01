import type { Clock } from '../../core/clock.ts'
import type { AccessToken, DeployToken, Job, Project, User } from '../entities.ts'
import type { Records } from '../store.ts'
import { type Ability, abilitiesOf } from './scopes.ts'
import { digestOf } from './tokens.ts'

/** Who makes a request. */
export type Identity =
  | { readonly type: 'anonymous' }
  | { readonly type: 'user'; readonly user: User; readonly token: AccessToken }
  | { readonly type: 'deploy-token'; readonly token: DeployToken }
  | { readonly type: 'job'; readonly job: Job; readonly user: User }

/** The user name that goes with a job's token. */
export const JOB_USERNAME = 'gitlab-ci-token'

export const ANONYMOUS: Identity = { type: 'anonymous' }

/** Credentials that lead to nobody, and why. */
export type Refusal = 'unknown' | 'expired' | 'revoked'

/** Tokens of the jobs that run now; they live no longer than their job and are never written down. */
export class JobTokens {
  private readonly jobs = new Map<string, number>()

  add(token: string, job: number): void {
    this.jobs.set(digestOf(token), job)
  }

  remove(token: string): void {
    this.jobs.delete(digestOf(token))
  }

  jobOf(token: string): number | undefined {
    return this.jobs.get(digestOf(token))
  }
}

export type Authenticator = {
  /** Whose token it is. `username` counts only for deploy tokens and jobs, as with GitLab. */
  identify(token: string, username?: string): Identity | Refusal
}

/** @param clock decides what has expired, by the day in UTC */
export function createAuthenticator(records: Records, jobTokens: JobTokens, clock: Clock): Authenticator {
  const today = () => new Date(clock.now()).toISOString().slice(0, 10)
  const state = (token: { revoked: boolean; expires_at: string | null }): Refusal | undefined => {
    if (token.revoked) return 'revoked'
    return token.expires_at !== null && token.expires_at.slice(0, 10) <= today() ? 'expired' : undefined
  }

  const forJob = (token: string, username: string | undefined): Identity | undefined => {
    if (username !== undefined && username !== JOB_USERNAME) return undefined
    const job = records.jobs.get(jobTokens.jobOf(token) ?? 0)
    const user = job && records.users.get(job.user_id)
    return job?.status === 'running' && user ? { type: 'job', job, user } : undefined
  }

  return {
    identify(token, username) {
      const digest = digestOf(token)
      const deploy = records.deployTokens.find((candidate) => candidate.digest === digest)
      if (deploy && (username === undefined || deploy.username === username)) {
        return state(deploy) ?? { type: 'deploy-token', token: deploy }
      }
      const personal = records.accessTokens.find((candidate) => candidate.digest === digest)
      const user = personal && records.users.get(personal.user_id)
      if (!personal || !user) return forJob(token, username) ?? 'unknown'
      const refusal = state(personal)
      if (refusal) return refusal
      const now = clock.now()
      if (now - Date.parse(personal.last_used_at ?? '1970-01-01') > 60_000) {
        records.accessTokens.update(personal.id, { last_used_at: new Date(now).toISOString() })
      }
      return { type: 'user', user, token: personal }
    },
  }
}

/** Whether a project exists for the caller at all; what does not is answered with 404. */
export function canSee(identity: Identity, project: Project): boolean {
  switch (identity.type) {
    case 'anonymous':
      return project.visibility === 'public'
    case 'user':
      return true
    case 'deploy-token':
      return project.visibility === 'public' || identity.token.project_id === project.id
    case 'job':
      return project.visibility !== 'private' || identity.job.project_id === project.id
  }
}

/** What the caller may do with the code and images of a project that it can see. */
export function abilities(identity: Identity, project: Project): ReadonlySet<Ability> {
  switch (identity.type) {
    case 'anonymous':
      return new Set(['download_code', 'read_image'])
    case 'user':
      return abilitiesOf(identity.token.scopes)
    case 'deploy-token': {
      const own = identity.token.project_id === project.id
      return own ? abilitiesOf(identity.token.scopes) : new Set(['download_code', 'read_image'])
    }
    case 'job': {
      if (identity.job.project_id !== project.id) return new Set(['download_code', 'read_image'])
      const push: Ability[] = project.ci_push_repository_for_job_token_allowed ? ['push_code'] : []
      return new Set(['download_code', 'read_image', 'write_image', ...push])
    }
  }
}
