import type { Chain } from '../../engine/chain.ts'
import type { Course, Step, Task } from '../../engine/course.ts'
import type { Demo } from '../../engine/demo-state.ts'
import { findTask, type OutlineTask, stepOf, taskKey, tasksOf } from '../../engine/outline.ts'
import type { ProbeReport } from '../../engine/ports.ts'
import { isPassed, type State } from '../../engine/state.ts'
import { OutputLog } from './output-log.ts'
import type { Renderer } from './renderer.ts'
import { END, type Scroll, TOP } from './scroll.ts'
import type { Size } from './terminal/size.ts'
import type { Theme } from './theme.ts'

export const PANES = ['text', 'output', 'checks', 'chain', 'progress'] as const
export type PaneName = (typeof PANES)[number]

/** A program that the course needs, as it was found on this machine. */
export type Tool = {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'old'
  readonly found: string
  readonly next?: string
}

/** What the learner is told of this machine before anything is made on it. */
export type Place = {
  readonly labDir: string
  readonly stateDir: string
  /** How a missing kubectl can be had: from where to where; absent when the user said not to fetch anything. */
  readonly fetch?: string
}

/** The connection to the background process. */
export type Link =
  /** Nothing was started yet: the tools are being looked at. */
  | { readonly kind: 'looking' }
  /** A tool is missing that can be fetched: only when told. */
  | { readonly kind: 'asking'; readonly tool: string }
  | { readonly kind: 'starting'; readonly since: number; readonly line?: string }
  | { readonly kind: 'up'; readonly since: number }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string }

/** A page over the panes. */
export type Overlay =
  | { readonly kind: 'help' | 'why'; readonly scroll: Scroll }
  /** The list of tasks, one of them chosen. */
  | { readonly kind: 'steps'; readonly at: number }
  /** A command runs: leave nevertheless? */
  | { readonly kind: 'leave' }
  /** Put the world back to what it was before a drill? */
  | { readonly kind: 'undo' }

export type Notice = { readonly text: string; readonly tone: 'info' | 'bad'; readonly at: number }

/** What happened while nobody looked. */
export type Since = { readonly at: number; readonly lines: readonly string[] }

/** What the page of drills knows beyond the lab's state. */
export type Drills = {
  /** The chosen one of the list. */
  readonly at: number
  /** When the beginning or the undoing that is awaited was asked for. */
  readonly since?: number
  /** Solved, and not gone on from. */
  readonly solved?: string
  /** Why the last one could not begin. */
  readonly failed?: string
}

/** The whole UI as data. `log` alone changes in place. */
export type Model = {
  readonly now: number
  readonly startedAt: number
  readonly size: Size
  readonly theme: Theme
  readonly place: Place
  readonly course?: Course
  /** Absent until it is loaded. */
  readonly render?: Renderer
  readonly tools?: readonly Tool[]
  readonly link: Link
  readonly state?: State
  readonly since?: Since
  readonly page: 'welcome' | 'lab' | 'finish' | 'drills'
  readonly drills: Drills
  /** Somebody presents: what is typed, run and waited for. */
  readonly demo?: Demo
  readonly overlay?: Overlay
  /** The task on display; it stays there when it passes, until the learner goes on. */
  readonly shown?: string
  /** Another task that is only looked at. */
  readonly looking?: string
  readonly focus: PaneName
  readonly zoom: boolean
  readonly scrolls: Readonly<Record<PaneName | 'page', Scroll>>
  readonly log: OutputLog
  /** The log's version when this model was made, so that a new one is drawn. */
  readonly logVersion: number
  readonly chain?: Chain
  readonly probe?: ProbeReport
  readonly notice?: Notice
  /** What was asked of the lab and is not answered yet. */
  readonly waiting?: 'nudge' | 'check' | 'next' | 'run' | 'drill' | 'undo-drill'
}

export type ModelOptions = Pick<Model, 'now' | 'size' | 'theme' | 'place'>

export const initialModel = (options: ModelOptions): Model => ({
  ...options,
  startedAt: options.now,
  link: { kind: 'looking' },
  page: 'welcome',
  drills: { at: 0 },
  focus: 'text',
  zoom: false,
  scrolls: { text: TOP, output: END, checks: TOP, chain: TOP, progress: TOP, page: TOP },
  log: new OutputLog(),
  logVersion: 0,
})

/** The task on the screen: the one looked at, else the learner's. */
export const taskOnScreen = ({ state, looking, shown }: Model): OutlineTask | undefined =>
  state && findTask(state.outline, looking ?? shown ?? state.current ?? '')

/** A task's text and the step it belongs to. */
export function textOf({ course }: Model, key: string): { readonly step: Step; readonly task: Task } | undefined {
  for (const step of course?.steps ?? []) {
    const task = step.tasks.find((one) => taskKey(step, one) === key)
    if (task) return { step, task }
  }
  return undefined
}

/** Whether the task on display is done, and the learner has not gone on from it. */
export const isShownPassed = ({ state, shown }: Model): boolean =>
  state !== undefined && shown !== undefined && isPassed(state, shown)

/** Where the learner goes on to from the task on display. */
export function following({ state, shown }: Model): OutlineTask | undefined {
  if (!state || shown === undefined) return undefined
  const tasks = tasksOf(state.outline)
  const at = tasks.findIndex(({ key }) => key === shown)
  const current = state.current === undefined ? undefined : findTask(state.outline, state.current)
  const next = tasks[at + 1]
  return next ?? (current && !isPassed(state, current.key) ? current : undefined)
}

export const stepOnScreen = (model: Model) => {
  const task = taskOnScreen(model)
  return model.state && task ? stepOf(model.state.outline, task.key) : undefined
}

/** Whether the learner has done anything in this course yet. */
export const isUntouched = (state: State): boolean =>
  Object.values(state.tasks).every(({ actions, hints }) => Object.keys(actions).length === 0 && hints === 0)
