import type { ActionOutcome, CheckResult, Evidence } from './events.ts'
import type { Outline } from './outline.ts'
import type { ProbeReport } from './ports.ts'

export type ActionState = {
  readonly run: number
  readonly startedAt: number
  /** Absent while it runs. */
  readonly ended?: {
    readonly at: number
    readonly outcome: ActionOutcome
    readonly code: number | null
    readonly error?: string
  }
}

export type CheckState = CheckResult & {
  /** Since when the check says this. */
  readonly at: number
  /** Whether the task was watched then. Only such a result lets it pass: something gone may not have been there yet. */
  readonly counts: boolean
  /** When it first passed, for a check of mode `seen`. */
  readonly seen?: { readonly at: number; readonly evidence?: string }
}

export type TaskState = {
  readonly enteredAt?: number
  readonly passed?: { readonly at: number; readonly evidence: readonly Evidence[] }
  readonly actions: Readonly<Record<string, ActionState>>
  readonly checks: Readonly<Record<string, CheckState>>
  /** How many hints are shown. */
  readonly hints: number
}

/** One learner's dealings with a drill; of its latest attempt but for `best`. */
export type DrillState = {
  /** `interrupted`: the background process ended while the fault was being put into the world. */
  readonly phase: 'injecting' | 'interrupted' | 'running' | 'solved' | 'undone'
  readonly startedAt: number
  /** How many hints are shown. */
  readonly hints: number
  readonly solvedAt?: number
  /** The shortest time in which it was solved, in milliseconds. */
  readonly best?: number
}

export type Running = {
  readonly run: number
  readonly task: string
  readonly action: string
  readonly background: boolean
}

/** What a snapshot of the world brings back with it. */
export type Progress = {
  readonly current: string | undefined
  readonly tasks: Readonly<Record<string, TaskState>>
  readonly notes: Readonly<Record<string, unknown>>
  readonly finishedAt: number | undefined
}

/** Everything that is known of the learner's way through the course. JSON; rebuilt by replaying the journal. */
export type State = Progress & {
  readonly outline: Outline
  readonly startedAt: number | undefined
  readonly running: readonly Running[]
  readonly lastRun: number
  readonly probe: { readonly running: boolean; readonly report?: ProbeReport }
  readonly saved: Readonly<Record<string, Progress>>
  /** By name; without those that were never begun. */
  readonly drills: Readonly<Record<string, DrillState>>
  readonly problem?: string
}

export const initialState = (outline: Outline): State => ({
  outline,
  startedAt: undefined,
  current: undefined,
  tasks: {},
  notes: {},
  finishedAt: undefined,
  running: [],
  lastRun: 0,
  probe: { running: false },
  saved: {},
  drills: {},
})

const UNTOUCHED: TaskState = { actions: {}, checks: {}, hints: 0 }

export const taskState = (state: Progress, key: string): TaskState => state.tasks[key] ?? UNTOUCHED

export const isPassed = (state: Progress, key: string): boolean => taskState(state, key).passed !== undefined
