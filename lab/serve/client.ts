import { connect, type Socket } from 'node:net'
import type { Recorded } from '../engine/events.ts'
import type { Intent, Outcome } from '../engine/intents.ts'
import type { Answers, LabClient } from '../engine/lab-client.ts'
import { LabError, labGone } from '../engine/lab-error.ts'
import type { Clock } from '../engine/ports.ts'
import { reduce } from '../engine/reduce.ts'
import type { Stage } from '../engine/stage.ts'
import type { State } from '../engine/state.ts'
import { codeOf } from './errno.ts'
import { type Message, type Request, receiveLines, send } from './protocol.ts'
import { ClientStage } from './stage.ts'

export type Attached = LabClient & {
  readonly pid: number
  /** Where demos and their notes meet. */
  readonly stage: Stage
  events(after?: number): Promise<readonly Recorded[]>
  /** Ends the background process; resolves when the connection closed. */
  stop(): Promise<void>
  detach(): void
}

export type AttachOptions = {
  readonly socket: string
  /** The program's own version: another one is refused. */
  readonly version: string
  readonly clock: Clock
  readonly onProgress?: (line: string) => void
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void; readonly onQueued?: () => void }
type DraftRequest = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** How many seconds a background process has to say its first word. */
const SILENCE = 10

/** The other end of `listen`. */
class SocketClient implements Attached {
  readonly ended: Promise<string>
  readonly stage = new ClientStage((draft) => this.request(draft))
  pid = 0
  private current: State | undefined
  private lastId = 0
  private farewell: string | undefined
  private readonly waiting = new Map<number, Waiting>()
  private readonly subscribers = new Set<(recorded: Recorded) => void>()

  constructor(private readonly socket: Socket) {
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        const reason = this.farewell ?? 'it ended unexpectedly'
        for (const { reject } of this.waiting.values()) reject(labGone(reason))
        this.waiting.clear()
        resolve(reason)
      })
    })
  }

  state(): State {
    if (!this.current) throw new Error('not attached')
    return this.current
  }

  subscribe(notify: (recorded: Recorded) => void): () => void {
    this.subscribers.add(notify)
    return () => this.subscribers.delete(notify)
  }

  dispatch(intent: Intent): Promise<Outcome> {
    return this.request({ kind: 'dispatch', intent }) as Promise<Outcome>
  }

  async drive(onQueued?: () => void): Promise<void> {
    await this.request({ kind: 'drive' }, onQueued)
  }

  async ask<K extends keyof Answers>(what: K): Promise<Answers[K]> {
    return ((await this.request({ kind: 'ask', what })) ?? undefined) as Answers[K]
  }

  events(after = 0): Promise<readonly Recorded[]> {
    return this.request({ kind: 'events', after }) as Promise<readonly Recorded[]>
  }

  async stop(): Promise<void> {
    await this.request({ kind: 'stop' })
    await this.ended
  }

  detach(): void {
    this.socket.destroy()
  }

  receive(message: Message): void {
    switch (message.kind) {
      case 'ready':
        this.current = message.state
        return
      case 'event':
        if (!this.current) return
        this.current = reduce(this.current, message.recorded)
        for (const notify of [...this.subscribers]) notify(message.recorded)
        return
      case 'reply':
        this.settle(message.id, (waiting) => waiting.resolve(message.value))
        return
      case 'queued':
        this.waiting.get(message.id)?.onQueued?.()
        return
      case 'error':
        this.settle(message.id, (waiting) => waiting.reject(new LabError({ found: message.message })))
        return
      case 'bye':
        this.farewell = message.reason
        return
      case 'leads':
      case 'pressed':
      case 'shown':
        this.stage.receive(message)
    }
  }

  private settle(id: number, end: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    if (waiting) end(waiting)
  }

  private request(draft: DraftRequest, onQueued?: () => void): Promise<unknown> {
    if (this.socket.destroyed) {
      return Promise.reject(labGone(this.farewell ?? 'it ended'))
    }
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onQueued })
      send(this.socket, { ...draft, id } as Request)
    })
  }
}

/**
 * Attaches to the background process and waits until its lab is ready. Undefined when nothing listens.
 * @throws LabError when it is another version's, says nothing, or its lab cannot start.
 */
export function attach({ socket: path, version, clock, onProgress }: AttachOptions): Promise<Attached | undefined> {
  return open(path, clock, (client, message, { resolve, reject }) => {
    if (message.kind === 'hello' && message.version !== version) {
      reject(
        new LabError({
          expected: `a background process of version ${version}`,
          found: `version ${message.version} (pid ${message.pid})`,
          next: '`gitops-lab down` ends it and keeps the state; then try again',
        }),
      )
    } else if (message.kind === 'progress') onProgress?.(message.line)
    else if (message.kind === 'failed') reject(new LabError({ found: message.message }))
    else if (message.kind === 'ready') resolve(client)
  })
}

/** Attaches to a background process of any version, ready or not, to end it. Undefined also when it says nothing. */
export const attachToStop = (path: string, clock: Clock): Promise<Pick<Attached, 'stop' | 'pid'> | undefined> =>
  open(path, clock, (client, message, { resolve }) => {
    if (message.kind === 'hello') resolve(client)
  }).catch((error) => {
    if (error instanceof Silent) return undefined
    throw error
  })

class Silent extends LabError {
  constructor() {
    super({
      expected: 'an answer of the background process',
      found: `none for ${SILENCE} seconds`,
      next: '`gitops-lab down` ends it and keeps the state; then try again',
      code: 69,
    })
  }
}

/**
 * Calls back after seconds in which this process ran. One timer would be over at once when a machine wakes up, before
 * what had arrived is read.
 */
function afterSeconds(clock: Clock, seconds: number, callback: () => void): { cancel(): void } {
  let timer = { cancel: () => {} }
  const wait = (left: number) => {
    if (left === 0) callback()
    else timer = clock.setTimeout(() => wait(left - 1), 1000)
  }
  wait(seconds)
  return { cancel: () => timer.cancel() }
}

/** Whether something listens there. */
export async function listens(path: string): Promise<boolean> {
  const socket = await dial(path)
  socket?.destroy()
  return socket !== undefined
}

async function open(
  path: string,
  clock: Clock,
  onMessage: (
    client: SocketClient,
    message: Message,
    settle: { resolve(client: SocketClient): void; reject(error: Error): void },
  ) => void,
): Promise<SocketClient | undefined> {
  const socket = await dial(path)
  if (!socket) return undefined
  const client = new SocketClient(socket)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const silence = afterSeconds(clock, SILENCE, () => fail(new Silent()))
    receiveLines(socket, (message: Message) => {
      silence.cancel()
      if (message.kind === 'hello') client.pid = message.pid
      client.receive(message)
      onMessage(client, message, { resolve, reject: fail })
    })
    // Closed before a word: it was ending when we came.
    void client.ended.then((reason) => {
      silence.cancel()
      if (client.pid === 0) resolve(undefined)
      else fail(labGone(reason))
    })
  })
}

function dial(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
    socket.once('error', (error) => {
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(codeOf(error) ?? '')) resolve(undefined)
      else reject(new LabError({ found: `the background process cannot be reached: ${error.message}` }))
    })
  })
}
