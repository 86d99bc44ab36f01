import type { Context } from 'hono'
import { abilities, canSee, type Identity, type Refusal } from '../auth/identity.ts'
import type { Ability } from '../auth/scopes.ts'
import type { Project } from '../entities.ts'
import type { RegistryAccess, Services } from '../services.ts'
import { projectPath } from '../store.ts'

const ACTIONS: Readonly<Record<string, Ability>> = { pull: 'read_image', push: 'write_image', delete: 'delete_image' }

/** What of a scope (`repository:learner/app:pull,push`) a caller gets; undefined when nothing is left of it. */
export function grantOf(scope: string, caller: Identity, projects: readonly Project[]): RegistryAccess | undefined {
  const [, name, actions] = /^repository(?:\([^)]*\))?:([^:]+):([^:]*)$/.exec(scope) ?? []
  if (!name || actions === undefined) return undefined
  const owns = (project: Project) => {
    const path = projectPath(project).toLowerCase()
    return name === path || name.startsWith(`${path}/`)
  }
  const project = projects.find(owns)
  if (!project?.container_registry_enabled || !canSee(caller, project)) return undefined
  const may = abilities(caller, project)
  const granted = actions.split(',').filter((action) => {
    const ability = ACTIONS[action]
    return ability !== undefined && may.has(ability)
  })
  return granted.length > 0 ? { type: 'repository', name, actions: granted } : undefined
}

const subjectOf = (caller: Identity): string => {
  switch (caller.type) {
    case 'user':
    case 'job':
      return caller.user.username
    case 'deploy-token':
      return caller.token.username
    case 'anonymous':
      return ''
  }
}

/** The registry's token endpoint: tokens for what the caller may do; scopes beyond that are left out. */
export function answerTokenRequest(c: Context, services: Services, caller: Identity | Refusal): Response {
  const deny = (status: 401 | 403 | 404, code: string, message: string) =>
    c.json({ errors: [{ code, message }] }, status)
  if (c.req.query('service') !== 'container_registry') return c.body(null, 404)
  if (typeof caller === 'string') {
    c.header('WWW-Authenticate', 'Basic realm="GitLab"')
    const text =
      "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're " +
      'required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped.'
    return deny(401, 'UNAUTHORIZED', text)
  }
  const { app, issueRegistryToken } = services
  const scopes = (c.req.queries('scope') ?? []).flatMap((scope) => scope.split(' ')).filter(Boolean)
  const projects = app.records.projects.list()
  const access = scopes.flatMap((scope) => grantOf(scope, caller, projects) ?? [])
  if (access.length === 0 && caller.type === 'anonymous') return deny(403, 'DENIED', 'access forbidden')
  const issued_at = new Date(app.clock.now()).toISOString()
  return c.json({ token: issueRegistryToken(access, subjectOf(caller)), expires_in: 900, issued_at })
}
