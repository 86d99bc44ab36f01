import type { ProbeReport } from './ports.ts'
import type { Cause, Verdict } from './verdict.ts'

/** What a check said, and what its `diagnose` explained, if it has one. */
export type CheckResult = {
  readonly verdict: Verdict
  readonly diagnosis?: { readonly cause: Cause; readonly next: string }
}

/**
 * How an action ended. `interrupted`: the background process ended under it, so nobody knows how far it got.
 */
export type ActionOutcome = 'ok' | 'failed' | 'cancelled' | 'interrupted'

export type Evidence = { readonly check: string; readonly text?: string }

/** What happened, as the journal keeps it (`output` excepted, which is only shown). Tasks are named by their key. */
export type Event =
  | { readonly kind: 'session-started'; readonly version: string; readonly course: string }
  | { readonly kind: 'task-entered'; readonly task: string }
  | { readonly kind: 'action-started'; readonly task: string; readonly action: string; readonly run: number }
  | { readonly kind: 'output'; readonly run: number; readonly chunk: string }
  | {
      readonly kind: 'action-ended'
      readonly task: string
      readonly action: string
      readonly run: number
      readonly outcome: Exclude<ActionOutcome, 'interrupted'>
      readonly code: number | null
      /** Why it could not be done at all: the edit does not apply, bash cannot be started. */
      readonly error?: string
    }
  /** Checks of one task, evaluated together; only those that say something else than before. */
  | { readonly kind: 'checked'; readonly task: string; readonly results: Readonly<Record<string, CheckResult>> }
  | { readonly kind: 'task-passed'; readonly task: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'hint-revealed'; readonly task: string }
  /** Something of the world that came about by itself, and may be gone when somebody looks. */
  | { readonly kind: 'observed'; readonly text: string }
  | { readonly kind: 'nudged'; readonly did: readonly string[] }
  | { readonly kind: 'probe-started' }
  | { readonly kind: 'probe-stopped'; readonly report?: ProbeReport }
  | { readonly kind: 'noted'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'snapshot-taken'; readonly name: string }
  | { readonly kind: 'snapshot-restored'; readonly name: string }
  /** The world is saved, and the fault is being made. */
  | { readonly kind: 'drill-started'; readonly drill: string }
  /** The fault was seen: from now on the time counts. */
  | { readonly kind: 'drill-injected'; readonly drill: string }
  | { readonly kind: 'drill-hint-revealed'; readonly drill: string }
  | { readonly kind: 'drill-solved'; readonly drill: string; readonly evidence: readonly Evidence[] }
  /** The world is what it was before the drill. */
  | { readonly kind: 'drill-undone'; readonly drill: string }
  | { readonly kind: 'finished' }
  /** Something of the lab itself does not work; the session goes on. */
  | { readonly kind: 'problem'; readonly message: string }

/** An event with its number, which only grows, and the clock's time. */
export type Recorded = { readonly seq: number; readonly at: number; readonly event: Event }
