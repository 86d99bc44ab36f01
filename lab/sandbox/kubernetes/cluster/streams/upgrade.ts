import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { badRequest } from './find.ts'

/** Subprotocols that a client offers, in its order; the header may be repeated. */
export function offered(request: IncomingMessage, header: string): string[] {
  const given = request.headers[header]
  const text = Array.isArray(given) ? given.join(',') : (given ?? '')
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}

export const isWebSocket = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'websocket'

/** Completes a WebSocket handshake with the first of `known` that the client offers. @throws ApiError 400 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  known: readonly string[],
): Promise<{ webSocket: WebSocket; protocol: string }> {
  const header = 'sec-websocket-protocol'
  const protocol = offered(request, header).find((name) => known.includes(name))
  if (!protocol)
    throw badRequest(`unable to upgrade: no supported subprotocol among ${request.headers[header] ?? 'none'}`)
  // "SPDY/3.1+portforward.k8s.io" has a slash, which ws refuses in a token: it is hidden from it and put back.
  const token = protocol.replaceAll('/', '-')
  request.headers[header] = token
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => token, perMessageDeflate: false })
  server.on('headers', (headers: string[]) => {
    const at = headers.findIndex((line) => line.toLowerCase().startsWith(`${header}:`))
    if (at >= 0) headers[at] = `Sec-WebSocket-Protocol: ${protocol}`
  })
  return new Promise((resolve) => {
    server.handleUpgrade(request, socket, head, (webSocket) => resolve({ webSocket, protocol }))
  })
}

/** The bytes that a WebSocket's messages carry, as a socket. */
export const tunnel = (webSocket: WebSocket): Duplex => createWebSocketStream(webSocket)

/** Completes an upgrade to SPDY/3.1 with the first of `known` that the client offers. @throws ApiError 400 */
export function acceptSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  known: readonly string[],
): { protocol: string } {
  const protocol = offered(request, 'x-stream-protocol-version').find((name) => known.includes(name))
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1' || !protocol) {
    throw badRequest('unable to upgrade: this server speaks WebSocket and SPDY/3.1')
  }
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: SPDY/3.1', 'Connection: Upgrade']
  socket.write(`${[...lines, `X-Stream-Protocol-Version: ${protocol}`].join('\r\n')}\r\n\r\n`)
  if (head.length > 0) socket.unshift(head)
  return { protocol }
}
