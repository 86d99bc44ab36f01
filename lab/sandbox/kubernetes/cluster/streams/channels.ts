import { type Duplex, PassThrough, type Readable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Connection } from '../../types.ts'
import { SpdyConnection, type SpdyStream } from './spdy.ts'
import { acceptSpdy, acceptWebSocket, isWebSocket } from './upgrade.ts'

/** The two ends of a remote command: what the client types, what it is shown, and how it ended. */
export type Channels = {
  readonly stdin: Readable
  write(stream: 'stdout' | 'stderr', text: string): void
  /** Sends how the command ended, a `Status`, and closes. */
  finish(status: object): void
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

const WEBSOCKET_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const SPDY_PROTOCOLS = ['v4.channel.k8s.io']

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const

/** Completes the upgrade of exec or attach, by WebSocket or SPDY. @throws ApiError */
export async function openChannels(connection: Connection, socket: Duplex, head: Buffer): Promise<Channels> {
  const { request } = connection
  if (!isWebSocket(request)) {
    acceptSpdy(request, socket, head, SPDY_PROTOCOLS)
    return spdyChannels(socket, connection.query)
  }
  const { webSocket } = await acceptWebSocket(request, socket, head, WEBSOCKET_PROTOCOLS)
  return webSocketChannels(webSocket)
}

function webSocketChannels(webSocket: WebSocket): Channels {
  const gone = new AbortController()
  const stdin = new PassThrough()
  const send = (channel: number, data: Buffer) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.of(channel), data]))
  }
  webSocket.on('message', (data: Buffer) => {
    const message = Buffer.from(data)
    if (message[0] === CHANNEL.stdin) stdin.write(message.subarray(1))
    // v5: the client closes one channel; its number follows.
    else if (message[0] === CHANNEL.close && message[1] === CHANNEL.stdin) stdin.end()
  })
  webSocket.on('close', () => {
    stdin.end()
    gone.abort()
  })
  webSocket.on('error', () => webSocket.terminate())
  return {
    stdin,
    signal: gone.signal,
    write: (stream, text) => send(CHANNEL[stream], Buffer.from(text)),
    finish: (status) => {
      send(CHANNEL.error, Buffer.from(JSON.stringify(status)))
      webSocket.close(1000)
    },
  }
}

/** Resolves once the client has opened every stream that its query asks for. */
function spdyChannels(socket: Duplex, query: URLSearchParams): Promise<Channels> {
  const wanted = ['error', ...['stdin', 'stdout', 'stderr'].filter((name) => query.get(name) === 'true')]
  const tty = query.get('tty') === 'true'
  const expected = tty ? wanted.filter((name) => name !== 'stderr') : wanted
  const streams = new Map<string, SpdyStream>()
  const gone = new AbortController()
  socket.on('close', () => gone.abort())
  return new Promise((resolve) => {
    const connection = new SpdyConnection(socket, (stream) => {
      streams.set(stream.headers['streamtype'] ?? '', stream)
      if (!expected.every((name) => streams.has(name))) return
      resolve({
        stdin: streams.get('stdin') ?? new PassThrough().end(),
        signal: gone.signal,
        write: (name, text) => void (streams.get(name) ?? streams.get('stdout'))?.write(text),
        finish: (status) => {
          for (const name of ['stdout', 'stderr']) streams.get(name)?.end()
          streams.get('error')?.end(JSON.stringify(status))
          connection.close()
        },
      })
    })
  })
}
