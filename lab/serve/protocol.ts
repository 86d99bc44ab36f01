import type { Socket } from 'node:net'
import type { Demo } from '../engine/demo-state.ts'
import type { Recorded } from '../engine/events.ts'
import type { Intent, Outcome } from '../engine/intents.ts'
import type { Answers } from '../engine/lab-client.ts'
import type { RemoteInput } from '../engine/stage.ts'
import type { State } from '../engine/state.ts'

/** What a client says; each is answered by a `reply` of the same id, after the events that it led to. */
export type Request =
  | { readonly kind: 'dispatch'; readonly id: number; readonly intent: Intent }
  | { readonly kind: 'ask'; readonly id: number; readonly what: keyof Answers }
  | { readonly kind: 'events'; readonly id: number; readonly after: number }
  /** Answered when it is this client's turn to drive. */
  | { readonly kind: 'drive'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number }
  /** This client shows a demo; where it is; who wants to know; a key for it. */
  | { readonly kind: 'present' | 'follow'; readonly id: number }
  | { readonly kind: 'show'; readonly id: number; readonly demo: Demo }
  | { readonly kind: 'press'; readonly id: number; readonly input: RemoteInput }

/** What the background process says. `hello` and `stop` are the same in every version, so that each can end any other. */
export type Message =
  | { readonly kind: 'hello'; readonly version: string; readonly pid: number }
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready'; readonly state: State }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'event'; readonly recorded: Recorded }
  | { readonly kind: 'reply'; readonly id: number; readonly value: Outcome | unknown }
  /** A `drive` that has to wait: another client drives. Its reply follows when the turn comes. */
  | { readonly kind: 'queued'; readonly id: number }
  | { readonly kind: 'error'; readonly id: number; readonly message: string }
  | { readonly kind: 'bye'; readonly reason: string }
  /** To a demo: whether it is the one that acts, and a key that was pressed elsewhere. */
  | { readonly kind: 'leads'; readonly leads: boolean }
  | { readonly kind: 'pressed'; readonly input: RemoteInput }
  /** To a follower: the demo that acts, if there is one. */
  | { readonly kind: 'shown'; readonly demo?: Demo }

/** A client that reads nothing is let go before it fills the memory. */
const UNREAD_LIMIT = 64 * 1024 * 1024

/** Sends one JSON line. */
export function send(socket: Socket, message: Request | Message): void {
  if (socket.destroyed || !socket.writable) return
  socket.write(`${JSON.stringify(message)}\n`)
  if (socket.writableLength > UNREAD_LIMIT) socket.destroy()
}

/** Calls `receive` with each JSON line; anything else ends the connection. */
export function receiveLines(socket: Socket, receive: (message: never) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines) {
      let message: never
      try {
        message = JSON.parse(line) as never
      } catch {
        socket.destroy()
        return
      }
      receive(message)
    }
  })
}
