import { type Context, Hono } from 'hono'
import { messageOf } from '../../core/errors.ts'
import { KubeError } from '../../core/kube-client.ts'
import { APPLICATIONS, type Application, REFRESH_ANNOTATION } from '../application.ts'
import { RpcError } from '../repo-server/protocol.ts'
import type { Accounts } from './accounts.ts'
import { applicationRoutes } from './applications.ts'
import { catalogRoutes } from './catalog.ts'
import { bodyOf, type Environment, MANAGER } from './environment.ts'
import { ApiFailure } from './errors.ts'
import { operationRoutes } from './operations.ts'
import { createPages } from './pages/index.ts'
import { streamRoutes } from './stream.ts'
import { followsPush, PUSH_EVENTS, readPush } from './webhook.ts'

export const VERSION = 'v3.5.1'

const PUBLIC = new Set(['POST /api/v1/session', 'GET /api/v1/session/userinfo', 'GET /api/v1/settings'])

/** What Argo CD's API has and the sandbox's does not. */
const UNSUPPORTED =
  /^\/api\/v1\/(applicationsets|account|certificates|gpgkeys|notifications|repocreds|write-repositories|applications\/[^/]+\/(logs|resource|pods|links|syncwindows|server-side-diff))\b/

/** The HTTP interface of argocd-server. */
export function createServer(environment: Environment, accounts: Accounts): Hono {
  const { clock, namespace } = environment
  const app = new Hono()

  app.onError((error, c) => {
    const failure = failureOf(error)
    return c.json(failure.body(), failure.httpStatus)
  })
  app.notFound((c) =>
    UNSUPPORTED.test(c.req.path)
      ? c.json(new ApiFailure('Unimplemented', `${c.req.path} is not supported by the sandbox`).body(), 501)
      : text(c, 'Not Found\n', 404),
  )

  app.get('/healthz', (c) => text(c, 'ok', 200))
  app.all('/api/webhook', (c) => receivePush(c, environment, accounts))
  app.get('/api/version', (c) => c.json({ Version: VERSION }))

  app.use('/api/v1/*', async (c, next) => {
    const writes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (writes && type !== 'application/json') return text(c, 'Invalid content type\n', 415)
    if (PUBLIC.has(`${c.req.method} ${c.req.path}`)) return next()
    if (!(await accounts.claims(tokenOf(c)))) throw new ApiFailure('Unauthenticated', 'no session information')
    return next()
  })

  app.post('/api/v1/session', async (c) => {
    const { username = '', password = '' } = await bodyOf<{ username?: string; password?: string }>(c)
    const token = await accounts.login(username, password)
    c.header('set-cookie', `argocd.token=${token}; path=/; SameSite=lax; httpOnly`)
    return c.json({ token })
  })
  app.delete('/api/v1/session', (c) => {
    c.header(
      'set-cookie',
      `argocd.token=; path=/; SameSite=lax; httpOnly; expires=${new Date(clock.now() - 1000).toUTCString()}`,
    )
    return c.json({})
  })
  app.get('/api/v1/session/userinfo', async (c) => {
    const claims = await accounts.claims(tokenOf(c))
    return c.json(claims ? { loggedIn: true, username: 'admin', iss: claims.iss } : {})
  })
  app.get('/api/v1/settings', (c) =>
    c.json({
      appLabelKey: 'app.kubernetes.io/instance',
      trackingMethod: 'annotation',
      controllerNamespace: namespace,
      resourceOverrides: {},
      googleAnalytics: {},
      help: {},
      kustomizeOptions: {},
      passwordPattern: '^.{8,32}$',
      syncWithReplaceAllowed: true,
    }),
  )

  app.route('/api/v1/applications', operationRoutes(environment))
  app.route('/api/v1/applications', applicationRoutes(environment))
  app.route('/api/v1/stream', streamRoutes(environment))
  app.route('/api/v1', catalogRoutes(environment))
  app.route('/', createPages({ namespace, clock, ask: (path, init) => app.request(path, init) }))
  return app
}

const text = (c: Context, body: string, status: 200 | 400 | 404 | 405 | 415): Response =>
  c.body(body, status, { 'content-type': 'text/plain; charset=utf-8' })

function tokenOf(c: Context): string | undefined {
  const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
  return bearer ?? /(?:^|;\s*)argocd\.token=([^;]+)/.exec(c.req.header('cookie') ?? '')?.[1]
}

function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error
  if (error instanceof RpcError)
    return new ApiFailure(error.code === 'Unavailable' ? 'Unavailable' : 'Unknown', error.message)
  if (error instanceof KubeError) {
    const codes = { 400: 'InvalidArgument', 404: 'NotFound', 409: 'Aborted', 422: 'InvalidArgument' } as const
    return new ApiFailure(codes[error.code as keyof typeof codes] ?? 'Internal', error.message)
  }
  return new ApiFailure('Internal', messageOf(error))
}

/** A push to GitLab refreshes the Applications that follow it, and does nothing else. */
async function receivePush(c: Context, { kube, namespace }: Environment, accounts: Accounts): Promise<Response> {
  const event = c.req.header('x-gitlab-event')
  if (event === undefined) return text(c, 'Unknown webhook event\n', 400)
  if (c.req.method !== 'POST') return text(c, 'Webhook processing failed\n', 405)
  const secret = await accounts.webhookToken()
  const body: unknown = await c.req.json().catch(() => undefined)
  const authentic = secret === undefined || c.req.header('x-gitlab-token') === secret
  if (!PUSH_EVENTS.includes(event) || !authentic || body === undefined)
    return text(c, 'Webhook processing failed\n', 400)
  const push = readPush(body)
  const { items } = await kube.list(APPLICATIONS, { namespace })
  const followers = push ? (items as Application[]).filter((app) => followsPush(app, push)) : []
  const patch = { metadata: { annotations: { [REFRESH_ANNOTATION]: 'normal' } } }
  await Promise.all(
    followers.map((app) =>
      kube.patch(APPLICATIONS, app.metadata.name, namespace, 'merge', patch, { fieldManager: MANAGER }),
    ),
  )
  return c.body(null, 200)
}
