import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { ApiError } from '../../../core/errors.ts'
import type { Connection } from '../../types.ts'
import { NoEndpoint } from '../network/services.ts'
import type { StreamContext } from './context.ts'

type Target = { readonly ip: string; readonly port: number; readonly real: number; readonly tls: boolean }

const unavailable = (message: string) => new ApiError(503, message, { reason: 'ServiceUnavailable' })

/** Headers of one connection only, and the ones that the API server itself consumes. */
const DROPPED = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'authorization']

/** Passes a request on to a pod, or to the next ready endpoint of a Service. */
export async function proxy(context: StreamContext, connection: Connection, response: ServerResponse): Promise<void> {
  const { request } = connection
  const target = targetOf(context, connection)
  const leave = context.network.enter(target.ip)
  response.on('close', leave)
  return new Promise((resolve, reject) => {
    const forward = send(target, connection, forwarded(request.headers))
    forward.on('error', (error: NodeJS.ErrnoException) => {
      leave()
      if (response.headersSent) response.destroy()
      else reject(unavailable(reached(target, error)))
      resolve()
    })
    forward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHopByHop(answer.rawHeaders))
      answer.pipe(response)
      answer.on('error', () => response.destroy())
      response.on('close', resolve)
    })
    request.pipe(forward)
    response.on('close', () => forward.destroy())
  })
}

/** Passes a request to change protocols on (a WebSocket of the app), and then every byte in both directions. */
export async function proxyUpgrade(
  context: StreamContext,
  connection: Connection,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { headers } = connection.request
  const target = targetOf(context, connection)
  const leave = context.network.enter(target.ip)
  socket.on('close', leave)
  const upgrade = { connection: 'Upgrade', upgrade: headers.upgrade as string }
  const forward = send(target, connection, { ...forwarded(headers), ...upgrade })
  forward.on('error', (error: NodeJS.ErrnoException) => socket.end(plainAnswer(503, reached(target, error))))
  forward.on('response', (answer) => socket.end(plainAnswer(answer.statusCode ?? 502, '')))
  forward.on('upgrade', (answer, upstream, rest) => {
    const lines = [`HTTP/1.1 101 ${answer.statusMessage}`]
    for (let at = 0; at < answer.rawHeaders.length; at += 2) {
      lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`)
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    socket.write(rest)
    upstream.write(head)
    upstream.pipe(socket).pipe(upstream)
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
  })
  forward.end()
}

const plainAnswer = (status: number, text: string): string =>
  `HTTP/1.1 ${status} \r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`

function reached({ ip, port }: Target, { code, message }: NodeJS.ErrnoException): string {
  const why = code === 'ECONNREFUSED' ? 'connect: connection refused' : code === 'ECONNRESET' ? 'EOF' : message
  return `error trying to reach service: ${code === 'ECONNRESET' ? '' : `dial tcp ${ip}:${port}: `}${why}`
}

function send({ port, ip, real, tls }: Target, { request, path, query }: Connection, headers: object) {
  const search = query.toString()
  return (tls ? httpsRequest : httpRequest)({
    host: '127.0.0.1',
    port: real,
    method: request.method,
    path: `${path || '/'}${search ? `?${search}` : ''}`,
    headers: { host: `${ip}:${port}`, ...headers },
    agent: false,
    // The API server does not verify the certificates of what it is a proxy for.
    rejectUnauthorized: false,
  })
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.includes(name) && name !== 'host')
  return Object.fromEntries(kept) as Record<string, string | string[]>
}

function withoutHopByHop(raw: IncomingMessage['rawHeaders']): string[] {
  const kept: string[] = []
  for (let at = 0; at < raw.length; at += 2) {
    if (!['connection', 'keep-alive', 'transfer-encoding'].includes((raw[at] as string).toLowerCase())) {
      kept.push(raw[at] as string, raw[at + 1] as string)
    }
  }
  return kept
}

/** `https:name:port`, `name:port` or `name`. */
function parseName(name: string): { scheme: string; name: string; port: string } {
  const parts = name.split(':')
  if (parts.length === 3) return { scheme: parts[0] as string, name: parts[1] as string, port: parts[2] as string }
  return { scheme: '', name: parts[0] as string, port: parts[1] ?? '' }
}

function targetOf(context: StreamContext, { resource, namespace, name: id }: Connection): Target {
  const { scheme, name, port } = parseName(id)
  const tls = scheme === 'https'
  try {
    const chosen =
      resource.plural === 'services'
        ? context.router.pick(namespace, name, port)
        : podTarget(context, namespace, name, port)
    return { ip: chosen.ip, port: chosen.port, real: context.router.locate(chosen).port, tls }
  } catch (error) {
    if (!(error instanceof NoEndpoint)) throw error
    if (error.kind === 'NotFound')
      throw new ApiError(404, error.message, { reason: 'NotFound', details: { name, kind: 'services' } })
    throw unavailable(error.kind === 'ECONNREFUSED' ? `error trying to reach service: ${error.message}` : error.message)
  }
}

function podTarget({ objects }: StreamContext, namespace: string, name: string, port: string) {
  const pod = objects.registry.get(objects.resource('pods'), namespace, name)
  const ip = pod['status']?.podIP as string | undefined
  if (!ip) throw new ApiError(400, 'address not allowed', { reason: 'BadRequest' })
  const ports = (pod['spec'].containers as { ports?: { name?: string; containerPort: number }[] }[]).flatMap(
    (c) => c.ports ?? [],
  )
  const named = port === '' ? ports[0] : ports.find((candidate) => candidate.name === port)
  return { ip, port: named?.containerPort ?? Number(port || 80) }
}
