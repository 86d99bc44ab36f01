import type { Lab } from './ports.ts'

const STATES = ['done', 'running', 'waiting', 'failed', 'unknown'] as const

/** One station between a change and what it leads to. */
export type ChainLink = {
  readonly id: string
  readonly title: string
  /** `running`: somebody is at it. `waiting`: somebody will be. `unknown`: the change has not come this far. */
  readonly state: (typeof STATES)[number]
  /** What the station holds of the change: a short sha, a tag, a revision. */
  readonly what?: string
  /** Who is at it or acts next, as its documentation spells it; `you` for the learner. */
  readonly actor?: string
  /** What the actor does. */
  readonly action?: string
  /** When the actor acts, in milliseconds since the epoch. */
  readonly due?: number
  /** What went wrong, or is worth knowing. */
  readonly note?: string
}

/** Where the learner's last change is, station by station. */
export type Chain = {
  readonly links: readonly ChainLink[]
  /** Why it cannot be told. */
  readonly problem?: string
}

/** Finds out where the learner's last change is: a course's `chain.ts`. */
export type ReadChain = (lab: Lab) => Promise<Chain>

/** Whether a value is a chain: anybody can write a `chain.ts`. */
export function isChain(value: unknown): value is Chain {
  const { links } = (value ?? {}) as Partial<Chain>
  return Array.isArray(links) && links.every(isLink)
}

function isLink(value: unknown): value is ChainLink {
  if (typeof value !== 'object' || value === null) return false
  const { id, title, state, due, ...texts } = value as Record<string, unknown>
  return (
    [id, title].every((text) => typeof text === 'string') &&
    (STATES as readonly unknown[]).includes(state) &&
    ['undefined', 'number'].includes(typeof due) &&
    ['what', 'actor', 'action', 'note'].every((name) => ['undefined', 'string'].includes(typeof texts[name]))
  )
}
