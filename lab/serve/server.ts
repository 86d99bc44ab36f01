import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { messageOf } from '../engine/lab-error.ts'
import type { Clock } from '../engine/ports.ts'
import type { Session } from '../engine/session.ts'
import { type Message, type Request, receiveLines, send } from './protocol.ts'
import { Stage, type StageRequest } from './stage.ts'

/** The background process ends by itself after this time without a client. */
export const IDLE = 8 * 60 * 60 * 1000

export type LabServer = {
  /** Tells those who wait what is being done. */
  progress(line: string): void
  /** From now on clients get the state and what follows. */
  ready(session: Session): void
  /** There will be no session. */
  fail(message: string): void
  /** Resolves with the reason when the process should end: somebody said so, or nobody came for a long time. */
  readonly stopping: Promise<string>
  close(reason: string): Promise<void>
}

/** Listens on a Unix socket that only its owner can open. */
export async function listen(path: string, version: string, clock: Clock): Promise<LabServer> {
  const clients = new Set<Socket>()
  const turns = new Turns()
  const stage = new Stage()
  let session: Session | undefined
  let lastWord: Message | undefined
  let closing = false
  let stop: (reason: string) => void = () => {}
  const stopping = new Promise<string>((resolve) => {
    stop = resolve
  })
  const startIdle = () => clock.setTimeout(() => stop('it ended itself after 8 hours without a client'), IDLE)
  let idle = startIdle()

  const welcome = (socket: Socket, to: Session) => {
    send(socket, { kind: 'ready', state: to.state() })
    const unsubscribe = to.subscribe((recorded) => send(socket, { kind: 'event', recorded }))
    socket.on('close', unsubscribe)
  }
  const server = createServer((socket) => {
    clients.add(socket)
    idle.cancel()
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clients.delete(socket)
      turns.leave(socket)
      stage.leave(socket)
      idle.cancel()
      if (clients.size === 0 && !closing) idle = startIdle()
    })
    send(socket, { kind: 'hello', version, pid: process.pid })
    receiveLines(socket, (request: Request) => {
      const { id } = request
      if (request.kind === 'stop') {
        send(socket, { kind: 'reply', id, value: null })
        stop('it was ended by `gitops-lab down`')
        return
      }
      if (request.kind === 'drive') {
        turns.take(
          socket,
          () => send(socket, { kind: 'reply', id, value: null }),
          () => send(socket, { kind: 'queued', id }),
        )
        return
      }
      if (isOfStage(request)) {
        send(socket, { kind: 'reply', id, value: stage.answer(socket, request) })
        return
      }
      answer(session, request).then(
        (value) => send(socket, { kind: 'reply', id, value }),
        (error) => send(socket, { kind: 'error', id, message: messageOf(error) }),
      )
    })
    if (session) welcome(socket, session)
    else if (lastWord) send(socket, lastWord)
  })
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)

  const tell = (message: Message) => {
    if (message.kind !== 'bye') lastWord = message
    for (const socket of clients) send(socket, message)
  }
  return {
    stopping,
    progress: (line) => tell({ kind: 'progress', line }),
    fail: (message) => tell({ kind: 'failed', message }),
    ready: (opened) => {
      session = opened
      for (const socket of clients) welcome(socket, opened)
    },
    async close(reason) {
      closing = true
      idle.cancel()
      tell({ kind: 'bye', reason })
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of clients) socket.end()
      await closed
    },
  }
}

const isOfStage = (request: Request): request is StageRequest =>
  ['present', 'show', 'follow', 'press'].includes(request.kind)

async function answer(
  session: Session | undefined,
  request: Exclude<Request, StageRequest | { kind: 'stop' | 'drive' }>,
): Promise<unknown> {
  if (!session) throw new Error('the lab is still starting')
  switch (request.kind) {
    case 'dispatch':
      return session.dispatch(request.intent)
    case 'ask':
      return (await session.ask(request.what)) ?? null
    case 'events':
      return session.events(request.after)
    default:
      throw new Error(`unknown request ${JSON.stringify(request)}`)
  }
}

/** Who drives: one after the other, in the order they came. */
class Turns {
  private readonly queue: { readonly socket: Socket; readonly begin: () => void }[] = []

  /** Calls `begin` when it is this client's turn; `wait` first when it is not yet. */
  take(socket: Socket, begin: () => void, wait: () => void): void {
    const driving = this.queue[0]?.socket === socket
    if (!driving) this.queue.push({ socket, begin })
    if (driving || this.queue.length === 1) begin()
    else wait()
  }

  leave(socket: Socket): void {
    const driving = this.queue[0]?.socket === socket
    const rest = this.queue.filter((entry) => entry.socket !== socket)
    this.queue.splice(0, this.queue.length, ...rest)
    if (driving) this.queue[0]?.begin()
  }
}
