import { ApiError } from '../../core/errors.ts'
import { type App, nowOf } from '../app.ts'
import { ACCESS_TOKEN_SCOPES, DEPLOY_TOKEN_SCOPES } from '../auth/scopes.ts'
import { digestOf, newToken } from '../auth/tokens.ts'
import type { AccessToken } from '../entities.ts'
import type { Services } from '../services.ts'
import { accessTokenView, deployTokenView } from '../token-views.ts'
import {
  type Api,
  type ApiContext,
  badParameter,
  flag,
  idOf,
  list,
  notFound,
  ownProjectOf,
  type Params,
  paginate,
  required,
  requirePresent,
  text,
  unauthorized,
  userOf,
} from './support.ts'

const DAY = 86_400_000
/** The longest life of a personal access token, and the one it gets when none is asked for. */
const LONGEST_DAYS = 365

const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10)

/** Personal access tokens and deploy tokens. */
export function registerTokens(api: Api, { app }: Services): void {
  const { accessTokens, deployTokens, users } = app.records
  const today = () => dayOf(app.clock.now())
  const view = (token: AccessToken) => accessTokenView(token, today())

  const ownToken = (c: ApiContext): AccessToken => {
    const identity = c.get('identity')
    if (identity.type !== 'user') throw unauthorized()
    return identity.token
  }
  const tokenOf = (c: ApiContext): AccessToken => {
    const user = userOf(c)
    const wanted = c.req.param('token_id')
    if (wanted === 'self') return ownToken(c)
    const token = accessTokens.get(idOf(c, 'token_id'))
    if (!token || token.user_id !== user.id) throw notFound()
    return token
  }

  api.get('/personal_access_tokens', (c) => {
    const user = userOf(c)
    const state = text(c.get('params'), 'state')
    const revoked = flag(c.get('params'), 'revoked')
    const search = text(c.get('params'), 'search')
    const rows = accessTokens
      .list(({ user_id }) => user_id === user.id)
      .filter((token) => revoked === undefined || token.revoked === revoked)
      .filter((token) => state === undefined || view(token).active === (state === 'active'))
      .filter(({ name }) => search === undefined || name.includes(search))
    return paginate(c, rows, view)
  })

  api.get('/personal_access_tokens/:token_id', (c) => c.json(view(tokenOf(c))))

  api.delete('/personal_access_tokens/:token_id', (c) => {
    accessTokens.update(tokenOf(c).id, { revoked: true })
    return c.body(null, 204)
  })

  api.post('/personal_access_tokens/:token_id/rotate', (c) => {
    const old = tokenOf(c)
    const expires_at = expiryOf(app, c.get('params'), 7)
    accessTokens.update(old.id, { revoked: true })
    const { token, record } = issueAccessToken(app, { ...old, expires_at })
    return c.json({ ...view(record), token })
  })

  api.post('/users/:user_id/personal_access_tokens', (c) => {
    userOf(c)
    const user = users.get(idOf(c, 'user_id'))
    if (!user) throw notFound('User')
    const params = c.get('params')
    requirePresent(params, 'scopes')
    const { name } = required(params, 'name')
    const scopes = scopesOf(params, ACCESS_TOKEN_SCOPES)
    const description = text(params, 'description') ?? null
    const wanted = { user_id: user.id, name, description, scopes, expires_at: expiryOf(app, params, LONGEST_DAYS) }
    const { token, record } = issueAccessToken(app, wanted)
    return c.json({ ...view(record), token }, 201)
  })

  api.post('/user/personal_access_tokens', (c) => {
    userOf(c)
    requirePresent(c.get('params'), 'name', 'scopes')
    scopesOf(c.get('params'), ['k8s_proxy', 'self_rotate'])
    throw new ApiError(400, 'scopes does not have a valid value')
  })

  api.get('/projects/:id/access_tokens', (c) => {
    ownProjectOf(app, c)
    return paginate(c, [])
  })

  api.post('/projects/:id/access_tokens', (c) => {
    ownProjectOf(app, c)
    throw new ApiError(400, '400 Bad request - User does not have permission to create project access token')
  })

  api.get('/projects/:id/deploy_tokens', (c) => {
    const project = ownProjectOf(app, c)
    const active = flag(c.get('params'), 'active')
    const rows = deployTokens
      .list(({ project_id }) => project_id === project.id)
      .map((token) => deployTokenView(token, today()))
      .filter((token) => active === undefined || active === (!token.revoked && !token.expired))
    return paginate(c, rows)
  })

  api.post('/projects/:id/deploy_tokens', (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    requirePresent(params, 'scopes')
    const { name } = required(params, 'name')
    const scopes = scopesOf(params, DEPLOY_TOKEN_SCOPES)
    const token = newToken('gldt')
    const record = deployTokens.insert({
      project_id: project.id,
      name,
      username: '',
      scopes,
      revoked: false,
      created_at: nowOf(app),
      expires_at: text(params, 'expires_at') ?? null,
      digest: digestOf(token),
    })
    const username = text(params, 'username') || `gitlab+deploy-token-${record.id}`
    const stored = deployTokens.update(record.id, { username }) ?? record
    return c.json({ ...deployTokenView(stored, today()), token }, 201)
  })

  const deployTokenOf = (c: ApiContext) => {
    const project = ownProjectOf(app, c)
    const token = deployTokens.get(idOf(c, 'token_id'))
    if (!token || token.project_id !== project.id) throw notFound('DeployToken')
    return token
  }

  api.get('/projects/:id/deploy_tokens/:token_id', (c) => c.json(deployTokenView(deployTokenOf(c), today())))

  api.delete('/projects/:id/deploy_tokens/:token_id', (c) => {
    deployTokens.delete(deployTokenOf(c).id)
    return c.body(null, 204)
  })
}

function scopesOf(params: Params, known: readonly string[]): readonly string[] {
  const scopes = list(params, 'scopes') ?? []
  if (scopes.length === 0) throw badParameter('scopes is empty')
  if (scopes.some((scope) => !known.includes(scope))) throw badParameter('scopes does not have a valid value')
  return scopes
}

function expiryOf(app: App, params: Params, days: number): string {
  const asked = text(params, 'expires_at')
  if (asked === undefined) return dayOf(app.clock.now() + days * DAY)
  if (!/^\d{4}-\d{2}-\d{2}/.test(asked)) throw badParameter('expires_at is invalid')
  const latest = dayOf(app.clock.now() + LONGEST_DAYS * DAY)
  if (asked.slice(0, 10) > latest) {
    throw new ApiError(400, `Expiration date must be before ${latest}`)
  }
  return asked.slice(0, 10)
}

/** Makes a personal access token. The token itself is in the answer and nowhere else. */
export function issueAccessToken(
  app: Pick<App, 'records' | 'clock'>,
  wanted: Pick<AccessToken, 'user_id' | 'name' | 'description' | 'scopes' | 'expires_at'>,
): { readonly token: string; readonly record: AccessToken } {
  const token = newToken('glpat')
  const { user_id, name, description, scopes, expires_at } = wanted
  const record = app.records.accessTokens.insert({
    user_id,
    name,
    description,
    scopes,
    expires_at,
    revoked: false,
    created_at: nowOf(app),
    last_used_at: null,
    digest: digestOf(token),
  })
  return { token, record }
}
