import type { Socket } from 'node:net'
import type { Demo } from '../engine/demo-state.ts'
import type { Outcome } from '../engine/intents.ts'
import type { RemoteInput, Stage as StageClient } from '../engine/stage.ts'
import { type Message, type Request, send } from './protocol.ts'

/** What clients say of demos. */
export type StageRequest = Extract<Request, { kind: 'present' | 'show' | 'follow' | 'press' }>
type StageMessage = Extract<Message, { kind: 'leads' | 'pressed' | 'shown' }>

/** The server's end: which demos there are, and who wants to know of them. */
export class Stage {
  /** The one that was started last is the last. */
  private demos: readonly Socket[] = []
  private readonly followers = new Set<Socket>()
  private shown: Demo | undefined

  answer(socket: Socket, request: StageRequest): Outcome {
    switch (request.kind) {
      case 'present':
        this.leave(socket)
        this.lead([...this.demos, socket])
        return { ok: true }
      case 'show':
        if (socket === this.demos.at(-1)) this.tell(request.demo)
        return { ok: true }
      case 'follow':
        this.followers.add(socket)
        send(socket, { kind: 'shown', demo: this.shown })
        return { ok: true }
      case 'press': {
        const demo = this.demos.at(-1)
        if (!demo) return { ok: false, why: 'no demo is open: `gitops-lab demo` starts one' }
        send(demo, { kind: 'pressed', input: request.input })
        return { ok: true }
      }
    }
  }

  leave(socket: Socket): void {
    this.followers.delete(socket)
    if (!this.demos.includes(socket)) return
    const led = this.demos.at(-1) === socket
    const rest = this.demos.filter((one) => one !== socket)
    if (led) this.lead(rest)
    else this.demos = rest
  }

  private lead(demos: readonly Socket[]): void {
    this.demos = demos
    demos.forEach((socket, at) => void send(socket, { kind: 'leads', leads: at === demos.length - 1 }))
    if (demos.length === 0) this.tell(undefined)
  }

  private tell(demo: Demo | undefined): void {
    this.shown = demo
    for (const socket of this.followers) send(socket, { kind: 'shown', demo })
  }
}

/** A client's end. */
export class ClientStage implements StageClient {
  private hooks: Parameters<StageClient['present']>[0] | undefined
  private notify: ((demo: Demo | undefined) => void) | undefined

  constructor(private readonly request: (draft: StageDraft) => Promise<unknown>) {}

  present(hooks: Parameters<StageClient['present']>[0]): void {
    this.hooks = hooks
    void this.quietly({ kind: 'present' })
  }

  show(demo: Demo): void {
    void this.quietly({ kind: 'show', demo })
  }

  async follow(notify: (demo: Demo | undefined) => void): Promise<void> {
    this.notify = notify
    await this.quietly({ kind: 'follow' })
  }

  press(input: RemoteInput): Promise<Outcome> {
    return this.request({ kind: 'press', input }) as Promise<Outcome>
  }

  receive(message: StageMessage): void {
    if (message.kind === 'leads') this.hooks?.leads(message.leads)
    else if (message.kind === 'pressed') this.hooks?.pressed(message.input)
    else this.notify?.(message.demo)
  }

  /** Whoever wants to know that the lab is gone asks `ended`. */
  private quietly(draft: StageDraft): Promise<unknown> {
    return this.request(draft).catch(() => {})
  }
}

type StageDraft = StageRequest extends infer R ? (R extends StageRequest ? Omit<R, 'id'> : never) : never
