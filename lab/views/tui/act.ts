import type { DemoKey } from '../../engine/demo-state.ts'
import { tasksOf } from '../../engine/outline.ts'
import { foreground } from '../../engine/select.ts'
import { backToList, beginDrill, onDrillAct } from './drills/update.ts'
import { extentOf, layoutOfModel } from './geometry.ts'
import { type Go, goOf } from './go.ts'
import { type Act, retryable } from './keymap.ts'
import type { Command, Updated } from './messages.ts'
import { type Model, PANES, taskOnScreen, textOf } from './model.ts'
import { scrollTo, TOP } from './scroll.ts'
import { freshScrolls, scroll } from './scrolling.ts'

const stay = (model: Model, ...commands: readonly Command[]): Updated => ({ model, commands })

/** Does what a key means. */
export function act(model: Model, meant: Act): Updated {
  const ofDrills = onDrillAct(model, meant)
  if (ofDrills) return ofDrills
  const { overlay } = model
  switch (meant) {
    case 'go': {
      const go = goOf(model)
      return go ? goOn(model, go) : stay(model)
    }
    case 'edit':
      return edit(model)
    case 'retry': {
      const [task, action] = [taskOnScreen(model), retryable(model)]
      return task && action !== undefined ? run(model, task.key, action) : stay(model)
    }
    case 'cancel':
      return stay(model, { kind: 'dispatch', intent: { kind: 'cancel' } })
    case 'skip':
      return stay({ ...model, waiting: 'nudge' }, { kind: 'dispatch', intent: { kind: 'nudge' } })
    case 'hint': {
      const task = taskOnScreen(model)
      return task ? stay(model, { kind: 'dispatch', intent: { kind: 'hint', task: task.key } }) : stay(model)
    }
    case 'why':
      return stay({ ...model, overlay: { kind: 'why', scroll: TOP } })
    case 'help':
      return stay({ ...model, overlay: { kind: 'help', scroll: TOP } })
    case 'copy':
      return copy(model)
    case 'shell':
      return stay(model, { kind: 'shell' })
    case 'steps': {
      const tasks = model.state ? tasksOf(model.state.outline) : []
      const at = Math.max(
        0,
        tasks.findIndex(({ key }) => key === taskOnScreen(model)?.key),
      )
      return stay({ ...model, overlay: { kind: 'steps', at } })
    }
    case 'choose':
      return choose(model)
    case 'zoom':
      return stay({ ...model, zoom: !model.zoom })
    case 'focus':
    case 'unfocus':
      return stay(focus(model, meant === 'focus' ? 1 : -1))
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
    case 'top':
    case 'end':
      return stay(overlay?.kind === 'steps' ? move(model, overlay.at, meant) : scroll(model, meant))
    case 'close':
      if (overlay) return stay({ ...model, overlay: undefined })
      if (model.looking !== undefined) return stay({ ...model, looking: undefined, scrolls: freshScrolls(model) })
      return stay({ ...model, zoom: false })
    case 'leave':
      if (overlay?.kind !== 'leave' && model.state && foreground(model.state)) {
        return stay({ ...model, overlay: { kind: 'leave' } })
      }
      return stay(model, { kind: 'leave' })
    case 'stop':
      return stay(model, { kind: 'stop' })
    case 'demo:next':
    case 'demo:now':
    case 'demo:take':
    case 'demo:give':
    case 'demo:freeze':
    case 'demo:blank':
      return stay(model, { kind: 'demo', event: { kind: 'key', key: meant.slice('demo:'.length) as DemoKey } })
    case 'drills':
    case 'undo':
      return stay(model)
    case 'fetch':
    case 'restart':
      return connect(model)
  }
}

const connect = (model: Model): Updated =>
  stay({ ...model, link: { kind: 'starting', since: model.now } }, { kind: 'connect' })

function goOn(model: Model, go: Go): Updated {
  const { scrolls } = model
  switch (go.kind) {
    case 'begin':
      return stay({
        ...model,
        page: go.page,
        scrolls: { ...freshScrolls(model), page: TOP },
      })
    case 'drill':
      return beginDrill(model, go.drill)
    case 'drills':
      return backToList(model)
    case 'restart':
      return connect(model)
    case 'leave':
      return stay(model, { kind: 'leave' })
    case 'back':
      return stay({ ...model, looking: undefined, scrolls: freshScrolls(model) })
    case 'finish':
      return stay({ ...model, page: 'finish', scrolls: { ...scrolls, page: TOP } })
    case 'read-page':
      return stay(scroll(model, 'page-down'))
    case 'show-text':
      return stay({ ...model, focus: 'text', zoom: false })
    case 'read': {
      const rect = layoutOfModel(model).panes.text
      if (!rect) return stay(model)
      return stay({
        ...model,
        scrolls: { ...scrolls, text: scrollTo(scrolls.text, go, extentOf(model, 'text', rect)) },
      })
    }
    case 'run':
      return run(model, go.task, go.action)
    case 'next':
      return stay({ ...model, waiting: 'next' }, { kind: 'dispatch', intent: { kind: 'next' } })
    case 'on':
      return stay(show(model, go.task))
    case 'check':
      return stay({ ...model, waiting: 'check' }, { kind: 'dispatch', intent: { kind: 'check', tasks: [go.task] } })
  }
}

/** Another task comes on the screen. */
const show = (model: Model, task: string): Model => ({
  ...model,
  shown: task,
  focus: model.focus === 'output' ? 'text' : model.focus,
  scrolls: freshScrolls(model),
})

function run(model: Model, task: string, action: string): Updated {
  const narrow = layoutOfModel(model).kind === 'narrow' && kindOf(model, task, action) === 'run'
  return stay(
    {
      ...model,
      waiting: 'run',
      focus: narrow ? 'output' : model.focus,
      scrolls: { ...model.scrolls, output: freshScrolls(model).output },
    },
    { kind: 'dispatch', intent: { kind: 'run', task, action } },
  )
}

const kindOf = (model: Model, task: string, action: string) =>
  textOf(model, task)?.task.actions.find(({ id }) => id === action)?.kind

/** Opens the file of the task's edit: the one that is next, else the first. */
function edit(model: Model): Updated {
  const task = taskOnScreen(model)
  const edits = (task && textOf(model, task.key)?.task.actions.filter(({ kind }) => kind === 'edit')) ?? []
  const go = goOf(model)
  const found = edits.find(({ id }) => go?.kind === 'run' && go.action === id) ?? edits[0]
  if (!task || found?.kind !== 'edit') return stay(model)
  return stay(model, { kind: 'edit', task: task.key, action: found.id, path: found.path })
}

/** Copies the command that Enter would run, else the one that ran last, else the first. */
function copy(model: Model): Updated {
  const task = taskOnScreen(model)
  const actions = (task && textOf(model, task.key)?.task.actions) ?? []
  const go = goOf(model)
  const wanted = go?.kind === 'run' ? go.action : retryable(model)
  const found = actions.find(({ id }) => id === wanted) ?? actions[0]
  if (!found) return stay(model)
  const text = found.kind === 'run' ? found.script : found.kind === 'edit' ? found.diff : found.content
  const notice = { text: 'Copied, if your terminal lets programs copy (OSC 52)', tone: 'info', at: model.now } as const
  return stay({ ...model, notice }, { kind: 'copy', text })
}

function choose(model: Model): Updated {
  const { overlay, state, shown } = model
  const task = overlay?.kind === 'steps' && state ? tasksOf(state.outline)[overlay.at] : undefined
  if (!task) return stay({ ...model, overlay: undefined })
  const looking = task.key === shown ? undefined : task.key
  return stay({ ...model, overlay: undefined, page: 'lab', looking, focus: 'text', scrolls: freshScrolls(model) })
}

function move(model: Model, at: number, by: 'up' | 'down' | 'page-up' | 'page-down' | 'top' | 'end'): Model {
  const last = (model.state ? tasksOf(model.state.outline).length : 1) - 1
  const to = { up: at - 1, down: at + 1, 'page-up': at - 8, 'page-down': at + 8, top: 0, end: last }[by]
  return { ...model, overlay: { kind: 'steps', at: Math.max(0, Math.min(to, last)) } }
}

/** The next pane that has something to show; in a narrow or zoomed screen it takes the place of the one before. */
function focus(model: Model, by: 1 | -1): Model {
  const { kind, panes } = layoutOfModel(model)
  const one = kind === 'narrow' || model.zoom
  const candidates = PANES.filter((pane) => {
    if (pane === 'output') return model.log.version > 0
    if (pane === 'chain') return model.chain !== undefined
    return one || panes[pane] !== undefined
  })
  const at = candidates.indexOf(model.focus)
  const next = candidates[(at + by + candidates.length) % candidates.length] ?? 'text'
  return { ...model, focus: next }
}
