import type { Demo, DemoEvent } from './demo-state.ts'
import type { Outcome } from './intents.ts'

/** A key that somebody pressed elsewhere for the demo, as terminals name it. */
export type RemoteInput =
  | {
      readonly kind: 'key'
      readonly name: string
      readonly char?: string
      readonly ctrl: boolean
      readonly meta: boolean
      readonly shift: boolean
    }
  | { readonly kind: 'paste'; readonly text: string }

/** Where demos and notes meet. Of several demos the one that was started last acts, and is told of keys. */
export interface Stage {
  /** From now on this client shows a demo. */
  present(hooks: { leads(leads: boolean): void; pressed(input: RemoteInput): void }): void
  /** Tells the notes where the demo is. */
  show(demo: Demo): void
  /** Calls `notify` with the demo that acts, before it resolves and whenever it is elsewhere; without it when there is none. */
  follow(notify: (demo: Demo | undefined) => void): Promise<void>
  /** Presses a key of the demo. */
  press(input: RemoteInput): Promise<Outcome>
}

/** What a command of the presenter's own does. */
export type OwnEvent =
  | { readonly kind: 'began'; readonly script: string }
  | { readonly kind: 'output'; readonly chunk: string }
  | { readonly kind: 'ended'; readonly code: number | null; readonly error?: string }

export type DemoHooks = {
  changed(demo: Demo): void
  /** Of the command with this number. */
  own(run: number, event: OwnEvent): void
  /** A key that was pressed on the notes. */
  pressed(input: RemoteInput): void
}

/** A demo as its view sees it. */
export interface DemoControl {
  /** Tells the view from now on, beginning with where it is. */
  start(hooks: DemoHooks): void
  send(event: DemoEvent): void
}
