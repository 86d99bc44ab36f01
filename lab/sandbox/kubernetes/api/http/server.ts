import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { ApiError, messageOf } from '../../../core/errors.ts'
import { closeServer, isOwnHost, listenOnLoopback } from '../../../core/http.ts'
import { badRequest } from '../registry/errors.ts'
import { authenticate } from './authenticate.ts'
import type { Credentials } from './certificates.ts'
import type { Api, Call, ResourceCall } from './context.ts'
import { discovery } from './discovery.ts'
import { parsePath } from './request-info.ts'
import { sendError, statusOf } from './respond.ts'
import { checkAllowed, connectionOf, resolve, route } from './router.ts'
import { serveOther } from './service-paths.ts'

const NAMES = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '10.96.0.1',
]

function callOf(api: Api, request: IncomingMessage, response: ServerResponse): { call: Call; path: string } {
  if (!isOwnHost(request.headers.host, NAMES)) {
    throw new ApiError(403, `Host ${JSON.stringify(request.headers.host)} is no name of this API server`, {
      reason: 'Forbidden',
    })
  }
  const [path = '/', query] = (request.url ?? '/').split('?', 2)
  const user = authenticate(request, api.tokens)
  return { call: { api, request, response, query: new URLSearchParams(query), user }, path }
}

async function answer(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { call, path } = callOf(api, request, response)
  const { resource, discovery: group } = parsePath(path)
  if (resource) return route(call, resource)
  checkAllowed(call, { verb: (request.method ?? 'GET').toLowerCase(), path })
  if (group) {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw badRequest('discovery is read only')
    return discovery(call, path === '/api' || path.startsWith('/api/'), group)
  }
  return serveOther(call, path)
}

/** Answers a request to change protocols: of connections only. */
async function upgrade(api: Api, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const { call, path } = callOf(api, request, undefined as never)
  const { resource } = parsePath(path)
  const found: ResourceCall | undefined = resource && resolve(call, resource)
  const connection = found && connectionOf(found)
  if (!connection) throw badRequest('Upgrade request required')
  await api.connector.upgrade(connection, socket, head)
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { code, status } = statusOf(error)
  const body = `${JSON.stringify(status)}\n`
  const headers = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close']
  socket.end(`HTTP/1.1 ${code} ${status['reason'] ?? 'Error'}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
}

export type ApiHttpServer = { readonly url: string; close(): Promise<void> }

/** Serves the API over HTTPS on loopback. @throws PortTaken */
export async function serve(
  api: Api,
  credentials: Credentials,
  port: number,
  log: (line: string) => void,
): Promise<ApiHttpServer> {
  const server: Server = createServer({ cert: credentials.certificate, key: credentials.key })
  // Watches and log streams last as long as their clients want.
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.keepAliveTimeout = 60_000
  const sockets = new Set<Duplex>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(api, request, response).catch((error: unknown) => {
      if (!(error instanceof ApiError))
        log(`kubernetes: ${request.method} ${request.url?.split('?')[0]}: ${messageOf(error)}`)
      if (response.headersSent) response.destroy()
      else sendError(request, response, error)
    })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    upgrade(api, request, socket, head).catch((error: unknown) => refuseUpgrade(socket, error))
  })
  const taken = await listenOnLoopback(server, port)
  return {
    url: `https://127.0.0.1:${taken}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await closeServer(server)
    },
  }
}
