import { createServer, type IncomingMessage, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { messageOf } from '../core/errors.ts'
import { isOwnHost } from '../core/http.ts'
import { ANONYMOUS, type Identity, type Refusal } from './auth/identity.ts'
import { createGitHttp, gitRouteOf } from './git/http.ts'
import { createPages } from './pages/index.ts'
import { createApi } from './routes/api.ts'
import { answerTokenRequest } from './routes/jwt.ts'
import { FOR_PAGES } from './routes/support.ts'
import type { Services } from './services.ts'

/** User name and password of an `Authorization: Basic` header. */
function basicCredentials(
  header: string | undefined,
): { readonly username: string; readonly password: string } | undefined {
  const [, encoded] = /^Basic (\S+)$/i.exec(header ?? '') ?? []
  if (!encoded) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** GitLab's one HTTP server: the API, the token endpoint of the registry, pages, and git. `hosts`: further names of it. */
export function createGitlabServer(services: Services, hosts: readonly string[] = []): Server {
  const { app, authenticator, pushes } = services
  const identify = (authorization: string | undefined): Identity | Refusal => {
    const basic = basicCredentials(authorization)
    const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
    if (bearer) return authenticator.identify(bearer)
    return basic ? authenticator.identify(basic.password, basic.username) : ANONYMOUS
  }

  const web = new Hono()
  web.route('/api/v4', createApi(services))
  web.get('/jwt/auth', (c) => answerTokenRequest(c, services, identify(c.req.header('authorization'))))
  for (const path of ['/-/health', '/-/liveness', '/-/readiness']) web.get(path, (c) => c.text('GitLab OK'))
  web.route(
    '/',
    createPages(services, (path, init) => web.request(`/api/v4${path}`, init, FOR_PAGES)),
  )

  const git = createGitHttp({
    app,
    identify: (request: IncomingMessage) => identify(request.headers.authorization),
    onPush: (spool) => pushes.fromSpool(spool),
  })
  const listener = getRequestListener(web.fetch, { overrideGlobalObjects: false })

  return createServer(async (request, response) => {
    if (!isOwnHost(request.headers.host, hosts)) {
      response.writeHead(421, { 'Content-Type': 'text/plain' }).end(`This GitLab is at ${app.url()}\n`)
      return
    }
    try {
      const route = gitRouteOf(request.url ?? '/')
      if (route) await git(route, request, response)
      else await listener(request, response)
    } catch (error) {
      app.log(`gitlab: ${request.method} ${request.url}: ${messageOf(error)}`)
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' })
      response.end()
    }
  })
}
