import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'

import { portOwner } from './port-owner.ts'

/** The port asked for is taken by another program. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'

  constructor(readonly port: number) {
    const owner = portOwner(port) ?? 'another program'
    super(`port ${port} on 127.0.0.1 is in use by ${owner}: end it, or wait until it ends, and try again`)
  }
}

const socketsOf = new WeakMap<Server, Set<Socket>>()

/** Listens on loopback and returns the port; 0 asks for a free one. @throws PortTaken */
export const listenOnLoopback = (server: Server, port = 0): Promise<number> => listenOn(server, port, '127.0.0.1')

/** Listens on an address: more than loopback only where somebody asked for it. @throws PortTaken */
export function listenOn(server: Server, port: number, address: string): Promise<number> {
  const sockets = new Set<Socket>()
  socketsOf.set(server, sockets)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port) : error),
    )
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port))
  })
}

/**
 * Whether a Host header names this machine or a name that the sandbox serves. Anything else is a browser that was led
 * here by a foreign name (DNS rebinding).
 */
export function isOwnHost(host: string | undefined, names: readonly string[] = []): boolean {
  const name = host?.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
  if (name === undefined) return false
  return ['127.0.0.1', 'localhost', '[::1]', ...names].includes(name)
}

/** The value of the header Authorization for a user and a password. */
export const basicAuthorization = ({ username, password }: { readonly username: string; readonly password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** The whole body of a request. Rejects when it is longer than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit = 32 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > limit) throw new RangeError(`request body is larger than ${limit} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Closes a server and the connections that are open on it, those included that have not spoken HTTP or TLS yet. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of socketsOf.get(server) ?? []) socket.destroy()
  })
}
