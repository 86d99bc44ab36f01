import { abilities, canSee, type Identity, type Refusal } from '../auth/identity.ts'
import type { Project } from '../entities.ts'

export type GitService = 'git-upload-pack' | 'git-receive-pack'

export type GitDecision =
  | { readonly type: 'allow' }
  /** The path is free and in the pusher's own namespace: a first push makes the project. */
  | { readonly type: 'create' }
  | { readonly type: 'refuse'; readonly status: 401 | 403 | 404; readonly text: string }

const NOT_FOUND = "The project you were looking for could not be found or you don't have permission to view it."

const accessDenied = (url: string): string =>
  "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're " +
  'required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or ' +
  `improperly scoped. See ${url}/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied`

/** Whether a caller may fetch from or push to a path, in GitLab's words where it may not. */
export function decideGitAccess(request: {
  readonly service: GitService
  readonly caller: Identity | Refusal
  readonly project: Project | undefined
  readonly namespace: string
  /** GitLab's own address, for the help page in its text. */
  readonly url: string
}): GitDecision {
  const { service, caller, project } = request
  const refuse = (status: 401 | 403 | 404, text: string): GitDecision => ({ type: 'refuse', status, text })
  if (typeof caller === 'string') return refuse(401, accessDenied(request.url))
  const reads = service === 'git-upload-pack'
  if (caller.type === 'anonymous' && !(reads && project && canSee(caller, project))) {
    return refuse(401, accessDenied(request.url))
  }
  if (!project) {
    const own = caller.type === 'user' && caller.user.username.toLowerCase() === request.namespace.toLowerCase()
    if (reads || !own) return refuse(404, NOT_FOUND)
    const may = caller.token.scopes.some((scope) => scope === 'api' || scope === 'write_repository')
    return may ? { type: 'create' } : refuse(403, 'You are not allowed to upload code.')
  }
  if (!canSee(caller, project)) return refuse(404, NOT_FOUND)
  const may = abilities(caller, project)
  if (reads) return may.has('download_code') ? { type: 'allow' } : refuse(403, 'You are not allowed to download code.')
  if (!may.has('push_code')) return refuse(403, 'You are not allowed to upload code.')
  return { type: 'allow' }
}
