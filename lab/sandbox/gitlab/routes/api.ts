import { Hono } from 'hono'
import { ApiError, messageOf } from '../../core/errors.ts'
import { ANONYMOUS, type Identity, type Refusal } from '../auth/identity.ts'
import { type ApiArea, scopesFor } from '../auth/scopes.ts'
import type { Services } from '../services.ts'
import { registerCi } from './ci.ts'
import { registerFiles } from './files.ts'
import { registerHooks } from './hooks.ts'
import { registerJobs } from './jobs.ts'
import { registerPipelines } from './pipelines.ts'
import { registerProjects } from './projects.ts'
import { registerProtectedBranches } from './protected-branches.ts'
import { registerRefs } from './refs.ts'
import { registerRegistry } from './registry.ts'
import { registerRepository } from './repository.ts'
import { type Api, type ApiContext, type ApiEnv, readParams, unauthorized } from './support.ts'
import { registerTokens } from './tokens.ts'
import { registerUsers } from './users.ts'

/** GitLab's REST API, version 4, below `/api/v4`. */
export function createApi(services: Services): Api {
  const api = new Hono<ApiEnv>()
  api.use(async (c, next) => {
    c.set('identity', authenticate(services, c))
    c.set('params', await readParams(c))
    await next()
  })
  for (const register of [
    registerUsers,
    registerTokens,
    registerProjects,
    registerFiles,
    registerRepository,
    registerRefs,
    registerPipelines,
    registerJobs,
    registerCi,
    registerProtectedBranches,
    registerHooks,
    registerRegistry,
  ]) {
    register(api, services)
  }
  api.all('*', (c) => c.json({ error: '404 Not Found' }, 404))
  api.onError((error, c) => {
    if (error instanceof ApiError) {
      const { body, headers } = error.extra as { body?: Record<string, unknown>; headers?: Record<string, string> }
      for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value)
      return c.json(body ?? { message: error.message }, error.status as 400)
    }
    services.app.log(`gitlab: ${c.req.method} ${c.req.path}: ${messageOf(error)}`)
    return c.json({ message: '500 Internal Server Error' }, 500)
  })
  return api
}

const area = (path: string): ApiArea => {
  if (/\/personal_access_tokens\/self(\/rotate)?$/.test(path)) return 'any'
  if (/^\/api\/v4\/(user|users|version|metadata)(\/|$)/.test(path)) return 'user'
  return /\/repository\/(files|archive)(\/|\.|$)/.test(path) ? 'repository-files' : 'other'
}

/** What a job may ask with its own token: about itself, and about images. */
const forJobs = (path: string): boolean => /^\/api\/v4\/(job$|projects\/[^/]+\/registry\/)/.test(path)

function authenticate({ authenticator }: Services, c: ApiContext): Identity {
  const jobToken = c.req.header('job-token') ?? c.req.query('job_token')
  const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const token = c.req.header('private-token') ?? c.req.query('private_token') ?? bearer ?? jobToken
  if (token === undefined || token === '') return ANONYMOUS
  const caller = authenticator.identify(token)
  if (typeof caller === 'string') throw refused(caller)
  const path = new URL(c.req.url).pathname
  if (caller.type === 'job' && forJobs(path)) return caller
  if (caller.type !== 'user') throw unauthorized()
  checkScopes(caller.token.scopes, c.req.method, path)
  return caller
}

function refused(refusal: Refusal): ApiError {
  if (refusal === 'unknown') return unauthorized()
  const error_description =
    refusal === 'expired'
      ? 'Token is expired. You can either do re-authorization or token refresh.'
      : 'Token was revoked. You have to re-authorize from the user.'
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${error_description}"`
  return new ApiError(401, error_description, {
    body: { error: 'invalid_token', error_description },
    headers: { 'WWW-Authenticate': challenge },
  })
}

/** @throws ApiError 403 when no scope of the token allows the request */
function checkScopes(scopes: readonly string[], method: string, path: string): void {
  const part = area(path)
  if (part === 'any' && (!path.endsWith('/rotate') || scopes.includes('self_rotate'))) return
  const wanted = scopesFor(method, part)
  if (wanted.some((scope) => scopes.includes(scope))) return
  const error_description = 'The request requires higher privileges than provided by the access token.'
  const scope = wanted.join(' ')
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="insufficient_scope", error_description="${error_description}", scope="${scope}"`
  throw new ApiError(403, error_description, {
    body: { error: 'insufficient_scope', error_description, scope },
    headers: { 'WWW-Authenticate': challenge },
  })
}
