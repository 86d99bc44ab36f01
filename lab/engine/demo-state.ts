import type { Intent } from './intents.ts'
import { findTask } from './outline.ts'
import type { State } from './state.ts'

export type DemoOptions = {
  /** Goes on by itself. */
  readonly auto: boolean
  /** How much faster than a hand it types. */
  readonly speed: number
  /** How long it leaves things on the screen before it goes on by itself, in milliseconds. */
  readonly pause: number
  /** The tasks to show, in order. */
  readonly keys: readonly string[]
  /** How long one task may take by itself. */
  readonly limit: number
  /** How long a verdict that asks somebody to act may stand before it is believed. */
  readonly grace: number
}

export type DemoPhase =
  | { readonly kind: 'welcome' }
  /** A command is being typed; `typed` of its characters are there. */
  | { readonly kind: 'typing'; readonly action: string; readonly typed: number }
  /** It is there, and not run yet. */
  | { readonly kind: 'typed'; readonly action: string }
  /** Its number is above `after`. */
  | { readonly kind: 'running'; readonly action: string; readonly after: number; readonly cancelled?: boolean }
  /** A task without a command: it is only looked at. */
  | { readonly kind: 'reading' }
  /** The checks have the word. `failed`: the command that did. */
  | { readonly kind: 'waiting'; readonly failed?: string; readonly watch: Watch }
  | { readonly kind: 'done' }
  | { readonly kind: 'finished' }
  /** It cannot go on by itself. */
  | { readonly kind: 'stopped'; readonly code: number }
  | { readonly kind: 'left'; readonly code: number }

/** What is known while checks are waited for; times as in `Demo.spent`. */
type Watch = { readonly said: string; readonly since: number; readonly nudgedAt?: number; readonly moved: boolean }

/** A command of the presenter's own. */
export type OwnCommand = { readonly text: string; readonly running: boolean }

/** A demo, as far as it is not the lab's state. */
export type Demo = {
  readonly options: DemoOptions
  readonly phase: DemoPhase
  /** The task on display. */
  readonly task: string | undefined
  /** Milliseconds since it began, and in this phase without those on hold: counted by ticks, so clocks may jump. */
  readonly time: number
  readonly spent: number
  readonly last: number
  readonly frozen: boolean
  readonly blank: boolean
  /** Somebody looks at another page. */
  readonly looking: boolean
  /** Whether it acts: of several demos at once, the one that was started last does. */
  readonly leads: boolean
  readonly own?: OwnCommand
  /** Why it could not go on by itself. */
  readonly stopped?: string
  /** When each task that it showed came on the screen and was left, as in `time`. */
  readonly shown: Readonly<Record<string, { readonly from: number; readonly to?: number }>>
}

export type DemoKey = 'next' | 'now' | 'take' | 'give' | 'freeze' | 'blank'

export type DemoEvent =
  /** Time passed, or the lab's state is another one. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'key'; readonly key: DemoKey }
  | { readonly kind: 'edit'; readonly text: string }
  | { readonly kind: 'submit' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'own-ended' }
  | { readonly kind: 'looking'; readonly looking: boolean }
  | { readonly kind: 'leads'; readonly leads: boolean }
  | { readonly kind: 'refused'; readonly why: string }
  /** The lab is gone, and nobody is there to start it again. */
  | { readonly kind: 'gone'; readonly why: string; readonly code: number }

export type DemoEffect =
  | { readonly kind: 'dispatch'; readonly intent: Intent }
  | { readonly kind: 'own'; readonly script: string }
  | { readonly kind: 'interrupt' }

export type DemoStep = { readonly demo: Demo; readonly effects: readonly DemoEffect[] }

export const beginDemo = (options: DemoOptions, now: number): Demo => ({
  options,
  phase: { kind: 'welcome' },
  task: undefined,
  time: 0,
  spent: 0,
  last: now,
  frozen: false,
  blank: false,
  looking: false,
  leads: true,
  shown: {},
})

export const isHeld = ({ frozen, blank, looking, leads, own }: Demo): boolean =>
  frozen || blank || looking || !leads || own !== undefined

/** For so long a command stands there whole before a key runs it: of two keys at once, the second came for the first's. */
const SEEN = 250

/** Whether a key that goes on would come too early to be meant so. */
export const isUnseen = ({ phase, spent }: Demo): boolean => phase.kind === 'typed' && spent < SEEN

/** The action of the task on display. */
export const actionOf = ({ task }: Demo, state: State, id: string) =>
  task === undefined ? undefined : findTask(state.outline, task)?.actions.find((action) => action.id === id)

/** What is typed for an action: the command itself; edits and files are told, not typed. */
export function typedText(demo: Demo, state: State, id: string): string {
  const action = actionOf(demo, state, id)
  return action?.kind === 'run' ? action.text : ''
}

export type Prompt = { readonly kind: 'run' | 'edit' | 'write' | 'own'; readonly text: string; readonly ready: boolean }

/** What stands in the prompt. */
export function promptOf(demo: Demo, state: State): Prompt | undefined {
  const { phase, own } = demo
  if (own) return { kind: 'own', text: own.text, ready: !own.running }
  if (phase.kind !== 'typing' && phase.kind !== 'typed') return undefined
  const action = actionOf(demo, state, phase.action)
  if (!action) return undefined
  const ready = phase.kind === 'typed'
  const text = action.kind !== 'run' || ready ? action.text : [...action.text].slice(0, phase.typed).join('')
  return { kind: action.kind, text, ready }
}
