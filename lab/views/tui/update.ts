import type { Recorded } from '../../engine/events.ts'
import { findTask, tasksOf } from '../../engine/outline.ts'
import { isPassed, type State } from '../../engine/state.ts'
import { act } from './act.ts'
import { logOwn, onDemoInput, showDemo, tellLooking } from './demo/update.ts'
import { followDrill } from './drills/update.ts'
import { layoutOfModel } from './geometry.ts'
import { actOf } from './keymap.ts'
import { paneAt } from './layout.ts'
import type { Message, Updated } from './messages.ts'
import { isUntouched, type Model, type Since } from './model.ts'
import { freshScrolls, scrollPage, scrollPane } from './scrolling.ts'
import type { Input } from './terminal/decode.ts'

const NOTICE_MS = { info: 5000, bad: 15_000 }
const WHEEL_ROWS = 3

/** The model after a message, and what is to be done. `now` is the clock's time. */
export function update(before: Model, message: Message, now: number): Updated {
  const { model, commands } = updated(before, message, now)
  return { model, commands: message.kind === 'input' ? [...commands, ...tellLooking(model)] : commands }
}

function updated(before: Model, message: Message, now: number): Updated {
  const model = expire({ ...before, now, logVersion: before.log.version })
  const only = (changed: Partial<Model>): Updated => ({ model: { ...model, ...changed }, commands: [] })
  switch (message.kind) {
    case 'input':
      return onInput(model, message.input)
    case 'tick':
      return only({})
    case 'resized':
      return only({ size: message.size })
    case 'course':
      return only({ course: message.course })
    case 'renderer':
      return only({ render: message.render })
    case 'tools':
      return only({ tools: message.tools })
    case 'link': {
      const { link } = message
      const over = model.demo?.options.auto === true && link.kind === 'failed'
      return { ...only({ link, waiting: undefined }), commands: over ? [{ kind: 'leave' }] : [] }
    }
    case 'attached':
      return only(attached(model, message.state, message.since))
    case 'event':
      return only({ state: message.state, ...(model.demo ? {} : followAll(model, message.recorded, message.state)) })
    case 'chain':
      return only({ chain: message.chain })
    case 'probe':
      return only({ probe: message.probe })
    case 'answered': {
      const { intent, outcome } = message
      const waiting = model.waiting === intent.kind ? undefined : model.waiting
      if (outcome.ok) return only({ waiting })
      const told = intent.kind === 'drill' && model.page === 'drills'
      const drills = told ? { at: model.drills.at, failed: outcome.why } : model.drills
      const notice = { text: outcome.why, tone: 'bad', at: now } as const
      return only({ waiting, drills, notice: told ? undefined : notice })
    }
    case 'demo':
      return showDemo(model, message.demo)
    case 'own':
      logOwn(model, message.run, message.event)
      return only({ logVersion: model.log.version })
    case 'notice':
      return only({ notice: { text: message.text, tone: message.tone, at: now } })
  }
}

/** Notices go by themselves; one that the clock left behind goes, too. */
function expire(model: Model): Model {
  const { notice, now } = model
  if (!notice || (now >= notice.at && now - notice.at < NOTICE_MS[notice.tone])) return model
  return { ...model, notice: undefined }
}

function onInput(model: Model, input: Input): Updated {
  const ofDemo = onDemoInput(model, input)
  if (ofDemo) return ofDemo
  if (input.kind === 'paste') {
    const notice = {
      text: 'Pasted text does nothing here: s opens a shell to paste into',
      tone: 'info',
      at: model.now,
    } as const
    return { model: { ...model, notice }, commands: [] }
  }
  if (input.kind === 'wheel' || input.kind === 'click') {
    return { model: onMouse(model, input), commands: [] }
  }
  const meant = actOf(model, input)
  return meant === undefined ? { model, commands: [] } : act(model, meant)
}

function onMouse(model: Model, input: Extract<Input, { kind: 'wheel' | 'click' }>): Model {
  const rows = input.kind === 'click' ? 0 : input.direction === 'up' ? -WHEEL_ROWS : WHEEL_ROWS
  if (model.overlay || model.page !== 'lab') return input.kind === 'click' ? model : scrollPage(model, rows)
  const pane = paneAt(layoutOfModel(model), input.column, input.row)
  if (!pane) return model
  return input.kind === 'click' ? { ...model, focus: pane } : scrollPane(model, pane, rows)
}

/** Before the first key, the first task is on display, whatever has passed by itself; later the learner's. */
function attached(model: Model, state: State, since: Since | undefined): Partial<Model> {
  const first = isUntouched(state) ? tasksOf(state.outline)[0]?.key : state.current
  const known = model.shown !== undefined && findTask(state.outline, model.shown) ? model.shown : undefined
  return {
    state,
    since: model.page === 'welcome' ? since : model.since,
    shown: known ?? first,
    link: { kind: 'up', since: model.now },
  }
}

const followAll = (model: Model, recorded: Recorded, state: State): Partial<Model> => ({
  ...follow(model, recorded, state),
  ...followDrill({ ...model, state }, recorded.event),
})

/**
 * What is on display after an event. A task that passed stays until the learner goes on, unless somebody is ahead:
 * a command of another task began, or the learner did a later task in a terminal of their own.
 */
function follow(model: Model, { event }: Recorded, state: State): Partial<Model> {
  const { shown } = model
  const show = (task: string | undefined): Partial<Model> =>
    task === undefined || task === shown ? {} : { shown: task, scrolls: freshScrolls(model) }
  if (event.kind === 'snapshot-restored') return show(state.current)
  if (shown === undefined) return show(state.current)
  const ahead = indexOf(state, 'task' in event ? event.task : '') > indexOf(state, shown)
  if (event.kind === 'action-started' && event.task !== shown) return show(event.task)
  if (event.kind === 'task-passed' && ahead && findTask(state.outline, event.task)?.kind === 'act')
    return show(event.task)
  if (event.kind === 'task-entered' && model.waiting === 'next') return show(event.task)
  return isPassed(state, shown) ? {} : show(state.current)
}

const indexOf = (state: State, key: string): number => tasksOf(state.outline).findIndex((task) => task.key === key)
