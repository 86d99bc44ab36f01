import type { Chain } from './chain.ts'
import type { Recorded } from './events.ts'
import type { Intent, Outcome } from './intents.ts'
import type { ProbeReport, Wait, WorldPart, WorldSnapshot } from './ports.ts'
import type { State } from './state.ts'

/** What can be asked of the lab beside its state. */
export type Answers = {
  /** Variables for the learner's shell. */
  readonly env: Readonly<Record<string, string>>
  readonly waits: readonly Wait[]
  readonly probe: ProbeReport | undefined
  readonly parts: readonly WorldPart[]
  readonly snapshots: readonly WorldSnapshot[]
  /** The latest output of commands. */
  readonly output: string
  /** Where the learner's last change is; undefined when the course does not say. */
  readonly chain: Chain | undefined
}

/** The lab as drivers and views see it, whether it is in this process or behind a socket. */
export interface LabClient {
  /** Resolves when everything that the intent led to is done, and its events were told. */
  dispatch(intent: Intent): Promise<Outcome>
  /** The state after the last event told. */
  state(): State
  /** Calls `notify` after each event that follows, until the returned function is called. */
  subscribe(notify: (recorded: Recorded) => void): () => void
  /**
   * Resolves when this client is the one that drives; others wait for their turn, which comes when it detaches.
   * `onQueued` is called when there is one to wait for.
   */
  drive(onQueued?: () => void): Promise<void>
  ask<K extends keyof Answers>(what: K): Promise<Answers[K]>
  /** Resolves with the reason when the lab is no longer there. */
  readonly ended: Promise<string>
}
