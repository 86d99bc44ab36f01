import { decide } from '../../engine/decide.ts'
import { offerOf } from '../../engine/offer.ts'
import { awaitedActors, foreground } from '../../engine/select.ts'
import { type TaskState, taskState } from '../../engine/state.ts'
import { DEMO_KEYS, type DemoAct, demoBindings } from './demo/keys.ts'
import { DRILL_KEYS, type DrillAct, drillBindings, toDrills } from './drills/keys.ts'
import { drillView } from './drills/view.ts'
import { type Go, goOf } from './go.ts'
import { type Model, taskOnScreen, textOf } from './model.ts'
import type { Input } from './terminal/decode.ts'

/** What a key does. */
export type Act =
  | DemoAct
  | DrillAct
  | 'go'
  | 'edit'
  | 'retry'
  | 'cancel'
  | 'skip'
  | 'hint'
  | 'why'
  | 'copy'
  | 'shell'
  | 'steps'
  | 'choose'
  | 'zoom'
  | 'focus'
  | 'unfocus'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'end'
  | 'help'
  | 'close'
  | 'leave'
  | 'stop'
  | 'fetch'
  | 'restart'

export type Binding = {
  readonly act: Act
  /** The key as people read it. */
  readonly key: string
  /** What it does, for the footer; absent where only the help page tells. */
  readonly label?: string
  /** What it does, for the help page. */
  readonly help: string
}

/** The keys of each act, beside those in `Binding.key`. Names as in `Key.name`, characters as themselves. */
const KEYS: Readonly<Record<Act, readonly string[]>> = {
  go: ['enter'],
  edit: ['e'],
  retry: ['r'],
  cancel: ['x'],
  skip: ['f'],
  hint: ['h'],
  why: ['w'],
  copy: ['c'],
  shell: ['s'],
  steps: ['g'],
  choose: ['enter'],
  zoom: ['z'],
  focus: ['tab'],
  unfocus: ['shift+tab'],
  up: ['up', 'k'],
  down: ['down', 'j'],
  'page-up': ['pageup', 'b'],
  'page-down': ['pagedown', ' '],
  top: ['home'],
  end: ['end'],
  help: ['?', 'f1'],
  close: ['escape', 'q'],
  leave: ['q', 'ctrl+c'],
  stop: ['ctrl+z'],
  fetch: ['y'],
  restart: ['r'],
  ...DEMO_KEYS,
  ...DRILL_KEYS,
}

const SCROLLING: readonly Binding[] = [
  { act: 'up', key: 'Up', help: 'scroll; the mouse wheel does, too' },
  { act: 'down', key: 'Down', help: 'scroll' },
  { act: 'page-up', key: 'PgUp', help: 'a page up' },
  { act: 'page-down', key: 'PgDn', help: 'a page down; Space, too' },
  { act: 'top', key: 'Home', help: 'to the beginning' },
  { act: 'end', key: 'End', help: 'to the end; output is followed from there' },
]
const CHOOSING: readonly Binding[] = [{ ...SCROLLING[0]!, key: 'Up/Down', label: 'choose' }, ...SCROLLING.slice(1)]
const STOP: Binding = { act: 'stop', key: 'Ctrl-Z', help: 'suspend; `fg` comes back' }
const LEAVE: Binding = { act: 'leave', key: 'q', label: 'leave', help: 'leave; the lab goes on in the background' }

const SHELL: Binding = {
  act: 'shell',
  key: 's',
  label: 'shell',
  help: 'a shell with the lab’s environment; `exit` comes back',
}
const STEPS: Binding = { act: 'steps', key: 'g', label: 'steps', help: 'look at another step' }
const HELP: Binding = { act: 'help', key: '?', label: 'help', help: 'this page' }
/** In pages that `q` closes. */
const QUIT: Binding = { ...LEAVE, key: 'Ctrl-C', label: undefined }

/** The keys that do something now, the most useful first: footer, help page and the keyboard itself go by this. */
export function bindings(model: Model): readonly Binding[] {
  const { overlay, page, link } = model
  if (overlay?.kind === 'leave') {
    return [
      { act: 'leave', key: 'q', label: 'leave', help: 'leave' },
      { act: 'close', key: 'Esc', label: 'stay', help: 'stay' },
      STOP,
    ]
  }
  if (overlay?.kind === 'undo') {
    return [
      { act: 'undo', key: 'u', label: 'put it back', help: 'put the world back' },
      { act: 'close', key: 'Esc', label: 'keep it', help: 'keep the world as it is' },
      STOP,
    ]
  }
  const close: Binding = { act: 'close', key: 'Esc', label: 'close', help: 'close this page' }
  if (overlay?.kind === 'steps') {
    return [
      { act: 'choose', key: 'Enter', label: 'look at it', help: 'look at this task' },
      ...CHOOSING,
      close,
      QUIT,
      STOP,
    ]
  }
  if (overlay) {
    const drills = overlay.kind === 'help' && page !== 'drills' && !model.demo ? toDrills(model) : []
    return [close, ...drills, ...SCROLLING, QUIT, STOP]
  }
  const go = goOf(model)
  const enter = go ? [enterBinding(go)] : []
  if (link.kind === 'lost' || link.kind === 'failed') {
    return [
      ...enter,
      { act: 'restart', key: 'r', help: 'start the background process again' },
      ...SCROLLING,
      LEAVE,
      STOP,
    ]
  }
  if (model.demo && link.kind === 'up' && model.looking === undefined) {
    const rest = model.demo.own ? [] : [...(page === 'welcome' ? [] : [STEPS]), HELP, LEAVE, ...SCROLLING]
    return [...demoBindings(model), ...rest, STOP]
  }
  if (page === 'drills') {
    const moves = drillView(model).kind === 'list' ? CHOOSING : SCROLLING
    const back: Binding = { act: 'close', key: 'Esc', label: 'back', help: 'back to where you were' }
    return [...enter, ...drillBindings(model), SHELL, HELP, LEAVE, back, ...moves, STOP]
  }
  if (page !== 'lab') {
    const fetch: readonly Binding[] =
      link.kind === 'asking'
        ? [{ act: 'fetch', key: 'y', label: `fetch ${link.tool}`, help: `fetch ${link.tool}` }]
        : []
    const after: readonly Binding[] =
      page === 'finish' ? [...toDrills(model), SHELL, { ...STEPS, label: 'look back' }, HELP] : []
    return [...enter, ...fetch, ...after, LEAVE, ...SCROLLING, STOP]
  }
  return [...enter, ...toDrills(model), ...labBindings(model)]
}

const enterBinding = (go: Go): Binding => ({ act: 'go', key: 'Enter', label: go.label, help: go.label })

function labBindings(model: Model): readonly Binding[] {
  const { state, looking, zoom } = model
  const task = taskOnScreen(model)
  if (!state || !task) return [LEAVE, STOP]
  const key = task.key
  const here = looking === undefined
  const known = taskState(state, key)
  const busy = foreground(state)
  const actions = textOf(model, key)?.task.actions ?? []
  const ran = Object.keys(known.actions).length > 0
  const offer = offerOf(state)
  const when = (condition: boolean, binding: Binding): readonly Binding[] => (condition ? [binding] : [])
  return [
    ...when(busy !== undefined, { act: 'cancel', key: 'x', label: 'cancel', help: 'cancel what runs' }),
    ...when(here && awaitedActors(state).length > 0 && !known.passed, {
      act: 'skip',
      key: 'f',
      label: 'skip the wait',
      help: 'make whoever is waited for act now, as an operator would',
    }),
    ...when(actions.some(({ kind }) => kind === 'edit') && here && !busy, {
      act: 'edit',
      key: 'e',
      label: 'edit',
      help: 'open the file in your editor, and make the edit yourself',
    }),
    ...when(here && !busy && retryable(model) !== undefined, {
      act: 'retry',
      key: 'r',
      label: offer.kind === 'retry' ? undefined : ran ? 'run again' : known.passed ? 'run it' : undefined,
      help: 'run the command of this task again',
    }),
    ...when(here && !known.passed && decide(state, { kind: 'hint', task: key }).ok, {
      act: 'hint',
      key: 'h',
      label: 'hint',
      help: 'show the next hint',
    }),
    ...when(task.checks.length > 0, {
      act: 'why',
      key: 'w',
      label: 'why',
      help: 'the verdicts in full: expected, found, cause, next',
    }),
    ...when(actions.length > 0, { act: 'copy', key: 'c', label: 'copy', help: 'copy the command to the clipboard' }),
    SHELL,
    STEPS,
    { act: 'focus', key: 'Tab', label: 'pane', help: 'the next pane; Shift-Tab: the one before' },
    { act: 'unfocus', key: 'Shift-Tab', help: 'the pane before' },
    { act: 'zoom', key: 'z', label: zoom ? 'unzoom' : 'zoom', help: zoom ? 'show all panes' : 'show this pane alone' },
    HELP,
    LEAVE,
    ...SCROLLING,
    ...when(looking !== undefined || zoom, {
      act: 'close',
      key: 'Esc',
      help: looking === undefined ? 'show all panes' : 'back to your task',
    }),
    STOP,
  ]
}

/** What `r` runs: the command that ran last; of a task that passed without it, the first. */
export function retryable(model: Model): string | undefined {
  const { state } = model
  const task = taskOnScreen(model)
  if (!state || !task) return undefined
  const known = taskState(state, task.key)
  const latest = task.actions
    .filter(({ id }) => known.actions[id])
    .sort((a, b) => runOf(known, a.id) - runOf(known, b.id))
  return (latest.at(-1) ?? (known.passed ? task.actions.find(({ kind }) => kind === 'run') : undefined))?.id
}

const runOf = ({ actions }: TaskState, id: string): number => actions[id]?.run ?? 0

/** What an input does now; nothing for a key without a meaning here, and for anything pasted. */
export function actOf(model: Model, input: Input): Act | undefined {
  if (input.kind !== 'key' || input.meta) return undefined
  const name = input.name === 'char' ? input.char : input.name
  const pressed = input.ctrl ? `ctrl+${name}` : input.shift && input.name !== 'char' ? `shift+${name}` : name
  return bindings(model).find(({ act }) => KEYS[act].includes(pressed))?.act
}
