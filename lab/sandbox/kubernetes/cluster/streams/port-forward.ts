import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Connection, KubeObject } from '../../types.ts'
import type { StreamContext } from './context.ts'
import { badRequest } from './find.ts'
import { SpdyConnection, type SpdyStream } from './spdy.ts'
import { acceptSpdy, acceptWebSocket, isWebSocket, tunnel } from './upgrade.ts'

const SPDY = 'portforward.k8s.io'
const TUNNELLED = `SPDY/3.1+${SPDY}`
const CHANNELS = 'v4.channel.k8s.io'

/** Connects the client with ports of a pod: over SPDY, SPDY inside a WebSocket, or a WebSocket's own channels. */
export async function forwardPorts(
  context: StreamContext,
  connection: Connection,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { resource, namespace, name, request, query } = connection
  const pod = context.objects.registry.get(resource, namespace, name)
  const { phase } = pod['status'] ?? {}
  if (phase !== 'Running') {
    throw badRequest(`unable to forward port because pod is not running. Current status=${phase ?? 'Pending'}`)
  }
  if (!isWebSocket(request)) {
    acceptSpdy(request, socket, head, [SPDY])
    return forwardSpdy(context, pod, socket)
  }
  const { webSocket, protocol } = await acceptWebSocket(request, socket, head, [TUNNELLED, CHANNELS])
  if (protocol === TUNNELLED) forwardSpdy(context, pod, tunnel(webSocket))
  else
    forwardChannels(
      context,
      pod,
      webSocket,
      query
        .getAll('ports')
        .flatMap((ports) => ports.split(','))
        .map(Number),
    )
}

/** A connection to a port of a pod; what listens on the pod's own loopback counts too. */
function dial({ network }: StreamContext, pod: KubeObject, port: number): Socket | undefined {
  const real = network.find(pod['status'].podIP, port, true)
  return real === undefined ? undefined : connect({ host: '127.0.0.1', port: real, allowHalfOpen: true })
}

const refused = (pod: KubeObject, port: number): string =>
  `error forwarding port ${port} to pod ${pod.metadata.uid}, uid : failed to execute portforward in network namespace: failed to connect to localhost:${port} inside namespace: dial tcp4 127.0.0.1:${port}: connect: connection refused`

/** Each forwarded connection is a pair of streams: the data, and what went wrong. */
function forwardSpdy(context: StreamContext, pod: KubeObject, socket: Duplex): void {
  const errors = new Map<string, SpdyStream>()
  new SpdyConnection(socket, (stream) => {
    const { streamtype, requestid = '', port } = stream.headers
    if (streamtype === 'error') {
      errors.set(requestid, stream)
      stream.resume()
      stream.on('close', () => errors.delete(requestid))
      return
    }
    const error = errors.get(requestid)
    const upstream = dial(context, pod, Number(port))
    if (!upstream) {
      error?.end(refused(pod, Number(port)))
      stream.end()
      stream.resume()
      return
    }
    stream.pipe(upstream)
    upstream.pipe(stream)
    upstream.on('error', (failure) => {
      error?.end(failure.message)
      stream.destroy()
    })
    upstream.on('close', () => error?.end())
    stream.on('error', () => upstream.destroy())
    stream.on('close', () => upstream.destroy())
  })
}

/** Two channels for each port, data and error; the first message of each is the port, in little-endian order. */
function forwardChannels(
  context: StreamContext,
  pod: KubeObject,
  webSocket: WebSocket,
  ports: readonly number[],
): void {
  const send = (channel: number, data: Buffer) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.of(channel), data]))
  }
  const upstreams = ports.map((port, index) => {
    const number = Buffer.alloc(2)
    number.writeUInt16LE(port)
    send(2 * index, number)
    send(2 * index + 1, number)
    const upstream = dial(context, pod, port)
    if (!upstream) send(2 * index + 1, Buffer.from(refused(pod, port)))
    upstream?.on('data', (chunk: Buffer) => send(2 * index, chunk))
    upstream?.on('error', (error) => send(2 * index + 1, Buffer.from(error.message)))
    upstream?.on('close', () => webSocket.close(1000))
    return upstream
  })
  webSocket.on('message', (data: Buffer) => {
    const message = Buffer.from(data)
    const channel = message[0] ?? 0
    if (channel % 2 === 0) upstreams[channel / 2]?.write(message.subarray(1))
  })
  webSocket.on('close', () => {
    for (const upstream of upstreams) upstream?.destroy()
  })
}
