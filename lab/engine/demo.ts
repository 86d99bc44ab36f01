import {
  actionOf,
  type Demo,
  type DemoEffect,
  type DemoEvent,
  type DemoKey,
  type DemoPhase,
  type DemoStep,
  isHeld,
  isUnseen,
  typedText,
} from './demo-state.ts'
import { isStuck, watch } from './demo-wait.ts'
import { findTask, type OutlineTask } from './outline.ts'
import { isPassed, type State, taskState } from './state.ts'
import { keystrokes } from './typing.ts'

/** After a longer time between two ticks the machine slept, or its clock was set. */
const LONGEST_TICK = 2000

/** The demo after an event, and what is to be done. */
export function advance(before: Demo, event: DemoEvent, state: State, now: number): DemoStep {
  const first = handle(elapse(before, state, now), event, state)
  const effects = [...first.effects]
  let demo = first.demo
  // Each turn goes one phase further; a course that has passed is walked through at once.
  for (let turn = 0; turn <= demo.options.keys.length + 8; turn++) {
    const next = settle(demo, state)
    if (!next) break
    demo = next.demo
    effects.push(...next.effects)
  }
  return { demo, effects }
}

/** Counts the time since the last event; typing gets on with it. */
function elapse(demo: Demo, state: State, now: number): Demo {
  const passed = Math.max(0, Math.min(now - demo.last, LONGEST_TICK))
  const spent = demo.spent + (isHeld(demo) ? 0 : passed)
  const later: Demo = { ...demo, last: now, time: demo.time + passed, spent }
  const { phase, options } = later
  if (phase.kind !== 'typing') return later
  const times = keystrokes(typedText(demo, state, phase.action), seedOf(demo.task, phase.action))
  return { ...later, phase: { ...phase, typed: times.filter((at) => at <= spent * options.speed).length } }
}

const seedOf = (task = '', action: string): number =>
  [...`${task} ${action}`].reduce((sum, character) => Math.imul(sum, 31) + (character.codePointAt(0) ?? 0), 7)

const stay = (demo: Demo, ...effects: readonly DemoEffect[]): DemoStep => ({ demo, effects })
const enter = (demo: Demo, phase: DemoPhase, ...effects: readonly DemoEffect[]): DemoStep => ({
  demo: { ...demo, phase, spent: 0 },
  effects,
})

function handle(demo: Demo, event: DemoEvent, state: State): DemoStep {
  const { own } = demo
  switch (event.kind) {
    case 'tick':
      return stay(demo)
    case 'looking':
      return stay({ ...demo, looking: event.looking })
    case 'leads':
      return stay({ ...demo, leads: event.leads })
    case 'edit':
      return stay(own && !own.running ? { ...demo, own: { ...own, text: event.text } } : demo)
    case 'submit':
      if (!own || own.running || own.text.trim() === '') return stay(demo)
      return stay({ ...demo, own: { ...own, running: true } }, { kind: 'own', script: own.text })
    case 'interrupt':
      return own?.running
        ? stay(demo, { kind: 'interrupt' })
        : stay(own ? { ...demo, own: { text: '', running: false } } : demo)
    case 'own-ended':
      return stay(own ? { ...demo, own: { text: '', running: false } } : demo)
    case 'refused':
      return demo.phase.kind === 'running' ? enter(demo, waiting(demo.phase.action)) : stay(demo)
    case 'gone':
      return demo.options.auto
        ? enter({ ...demo, stopped: event.why }, { kind: 'stopped', code: event.code })
        : stay(demo)
    case 'key':
      return press(demo, event.key, state)
  }
}

function press(demo: Demo, key: DemoKey, state: State): DemoStep {
  switch (key) {
    case 'take':
      return stay(
        demo.own || !demo.leads || demo.task === undefined ? demo : { ...demo, own: { text: '', running: false } },
      )
    case 'give':
      return stay({ ...demo, own: undefined }, ...(demo.own?.running ? [{ kind: 'interrupt' } as const] : []))
    case 'freeze':
      return stay({ ...demo, frozen: !demo.frozen })
    case 'blank':
      return stay({ ...demo, blank: !demo.blank })
    case 'now':
      return isHeld(demo) ? stay(demo) : typeNow(demo)
    case 'next':
      if (demo.blank) return stay({ ...demo, blank: false })
      if (demo.frozen) return stay({ ...demo, frozen: false })
      return isHeld(demo) || isUnseen(demo) ? stay(demo) : goOn(demo, state)
  }
}

const typeNow = (demo: Demo): DemoStep =>
  demo.phase.kind === 'typing' ? enter(demo, { kind: 'typed', action: demo.phase.action }) : stay(demo)

/** What a key, or time where it goes by itself, leads to. */
function goOn(demo: Demo, state: State): DemoStep {
  const { phase, task = '' } = demo
  switch (phase.kind) {
    case 'typing':
      return typeNow(demo)
    case 'typed': {
      const { action } = phase
      return enter(
        demo,
        { kind: 'running', action, after: state.lastRun },
        { kind: 'dispatch', intent: { kind: 'run', task, action } },
      )
    }
    case 'reading':
      return enter(demo, waiting(), { kind: 'dispatch', intent: { kind: 'next' } })
    case 'waiting': {
      const again = isStuck(demo, state)
        ? (phase.failed ?? findTask(state.outline, task)?.actions.at(-1)?.id)
        : undefined
      return again === undefined ? stay(demo) : enter(demo, { kind: 'typing', action: again, typed: 0 })
    }
    case 'welcome':
      return toNextTask({ ...demo, time: 0 }, state)
    case 'done':
      return toNextTask(demo, state)
    case 'finished':
      return enter(demo, { kind: 'left', code: 0 })
    case 'stopped':
      return enter(demo, { kind: 'left', code: phase.code })
    case 'running':
    case 'left':
      return stay(demo)
  }
}

function toNextTask(demo: Demo, state: State): DemoStep {
  const { time, shown, task } = demo
  const left = task === undefined || !shown[task] ? shown : { ...shown, [task]: { ...shown[task], to: time } }
  const [key] = upcoming(demo, state)
  if (key === undefined) return enter({ ...demo, shown: left }, { kind: 'finished' })
  const next: Demo = { ...demo, task: key, shown: { ...left, [key]: left[key] ?? { from: time } } }
  const effects: DemoEffect[] = [
    ...(state.current === key || isPassed(state, key)
      ? []
      : [{ kind: 'dispatch', intent: { kind: 'enter', task: key } } as const]),
    { kind: 'dispatch', intent: { kind: 'check', tasks: [key] } },
  ]
  const step = toNextCommand(next, state)
  return { demo: step.demo, effects: [...effects, ...step.effects] }
}

/** Types the first command that has not done its work, or lets the checks decide. */
function toNextCommand(demo: Demo, state: State): DemoStep {
  const task = findTask(state.outline, demo.task ?? '') as OutlineTask
  const { actions } = taskState(state, task.key)
  const open = task.actions.find(({ id, background }) => {
    const known = actions[id]
    return !known || (known.ended ? known.ended.outcome !== 'ok' : !background)
  })
  if (!open) {
    if (task.kind === 'look' && task.actions.length === 0) return enter(demo, { kind: 'reading' })
    return enter(demo, waiting(), { kind: 'dispatch', intent: { kind: 'check', tasks: [task.key] } })
  }
  const known = actions[open.id]
  if (known && !known.ended) return enter(demo, { kind: 'running', action: open.id, after: known.run - 1 })
  return enter(demo, { kind: 'typing', action: open.id, typed: 0 })
}

const waiting = (failed?: string): DemoPhase => ({
  kind: 'waiting',
  failed,
  watch: { said: '', since: 0, moved: true },
})

/** What follows from state and time without a key; undefined when nothing does. */
function settle(demo: Demo, state: State): DemoStep | undefined {
  if (isHeld(demo)) return undefined
  const { phase, task = '', spent, options } = demo
  const rested = options.auto && spent >= options.pause
  const found = findTask(state.outline, task)
  // Somebody else did it meanwhile: in another terminal, or as a command of their own in this place.
  if ((phase.kind === 'typing' || phase.kind === 'typed') && found?.kind === 'act' && isPassed(state, task)) {
    return enter(demo, { kind: 'done' })
  }
  switch (phase.kind) {
    case 'typing': {
      const whole = [...typedText(demo, state, phase.action)].length
      return phase.typed >= whole ? enter(demo, { kind: 'typed', action: phase.action }) : undefined
    }
    case 'typed':
      return rested ? goOn(demo, state) : undefined
    case 'running':
      return afterRun(demo, phase, state)
    case 'waiting':
      if (!isPassed(state, task)) return watch(demo, phase, state)
      return found?.actions.length === 0 && found.kind === 'look'
        ? toNextTask(demo, state)
        : enter(demo, { kind: 'done' })
    case 'welcome':
    case 'reading':
    case 'done':
    case 'finished':
      return rested ? goOn(demo, state) : undefined
    case 'stopped':
      return options.auto ? goOn(demo, state) : undefined
    case 'left':
      return undefined
  }
}

/** What comes of a command: the next one, or the word of the checks. */
function afterRun(demo: Demo, phase: Extract<DemoPhase, { kind: 'running' }>, state: State): DemoStep | undefined {
  const { action, after, cancelled } = phase
  const known = taskState(state, demo.task ?? '').actions[action]
  if (known && known.run > after) {
    if (!known.ended && actionOf(demo, state, action)?.background) return toNextCommand(demo, state)
    if (known.ended?.outcome === 'ok') return toNextCommand(demo, state)
    if (known.ended) {
      const intent = { kind: 'check', tasks: [demo.task ?? ''] } as const
      return enter(demo, waiting(action), { kind: 'dispatch', intent })
    }
  }
  if (!demo.options.auto || cancelled || demo.spent < demo.options.limit) return undefined
  return stay({ ...demo, phase: { ...phase, cancelled: true } }, { kind: 'dispatch', intent: { kind: 'cancel' } })
}

/**
 * The tasks that are to be shown yet: not what was done before, but what holds by itself, as long as nobody has gone on
 * from there.
 */
export function upcoming({ options: { keys }, task }: Demo, state: State): readonly string[] {
  const done = keys.findLastIndex((key) => isPassed(state, key) && findTask(state.outline, key)?.kind === 'act')
  const from = Math.max(done, task === undefined ? -1 : keys.indexOf(task))
  return keys.filter((key, at) => !isPassed(state, key) || (at > from && isWorthShowing(key, state)))
}

function isWorthShowing(key: string, state: State): boolean {
  const { actions } = taskState(state, key)
  return findTask(state.outline, key)?.kind === 'require' && Object.keys(actions).length === 0
}
