import type { Demo, DemoEvent } from '../../../engine/demo-state.ts'
import type { OwnEvent } from '../../../engine/stage.ts'
import { extentOf, layoutOfModel } from '../geometry.ts'
import { actOf } from '../keymap.ts'
import type { Command, Updated } from '../messages.ts'
import type { Model } from '../model.ts'
import { inner } from '../panes/rows.ts'
import { textRows } from '../panes/text.ts'
import { END, scrollTo, TOP } from '../scroll.ts'
import { freshScrolls } from '../scrolling.ts'
import type { Input } from '../terminal/decode.ts'

/** The screen of a demo that is elsewhere now. */
export function showDemo(before: Model, demo: Demo): Updated {
  const { phase } = demo
  const page = pageOf(before, phase.kind)
  const another = demo.task !== before.demo?.task
  const shown = demo.task ?? before.shown
  const fresh = another ? freshScrolls(before) : before.scrolls
  const scrolls = page === before.page ? fresh : { ...fresh, page: TOP }
  const model: Model = { ...before, demo, page, shown, scrolls, focus: focusOf(before, demo) }
  return {
    model: phase.kind !== before.demo?.phase.kind || another ? sightOf(model, demo) : model,
    commands: phase.kind === 'left' ? [{ kind: 'leave' }] : [],
  }
}

function pageOf({ page }: Model, phase: Demo['phase']['kind']): Model['page'] {
  if (phase === 'left') return page
  return phase === 'welcome' ? 'welcome' : phase === 'finished' ? 'finish' : 'lab'
}

/** Where there is room for one pane only: the one where something happens. */
function focusOf(model: Model, demo: Demo): Model['focus'] {
  if (layoutOfModel(model).kind !== 'narrow') return model.focus === 'output' ? 'text' : model.focus
  return ['welcome', 'reading', 'done', 'finished'].includes(demo.phase.kind) && !demo.own ? 'text' : 'output'
}

/** Scrolls the command that is being typed into sight, in the text and where it is typed. */
function sightOf(model: Model, { phase }: Demo): Model {
  const scrolls = { ...model.scrolls, output: END }
  const rect = layoutOfModel(model).panes.text
  const place = rect && 'action' in phase ? textRows(model, inner(rect.width)).actions[phase.action] : undefined
  if (!rect || !place) return { ...model, scrolls }
  return { ...model, scrolls: { ...scrolls, text: scrollTo(scrolls.text, place, extentOf(model, 'text', rect)) } }
}

/** What an input means to a demo; undefined where it means what it means without one. */
export function onDemoInput(model: Model, input: Input): Updated | undefined {
  const { demo } = model
  if (!demo || model.overlay || model.looking !== undefined || model.link.kind !== 'up') return undefined
  const send = (event: DemoEvent): Updated => ({ model, commands: [{ kind: 'demo', event }] })
  const meant = actOf(model, input)
  if (meant === 'stop') return undefined
  if (demo.own) {
    const event = ownEvent(demo.own.text, input)
    return event ? send(event) : { model, commands: [] }
  }
  if (demo.blank && input.kind === 'key' && meant !== 'leave') return send({ kind: 'key', key: 'next' })
  return undefined
}

/** Edits the line of the presenter's own command. */
function ownEvent(text: string, input: Input): DemoEvent | undefined {
  if (input.kind === 'paste') return { kind: 'edit', text: text + input.text.replace(/\n$/, '') }
  // Esc and a key that arrive together read as Alt and that key.
  if (input.kind !== 'key' || input.meta) return undefined
  if (input.ctrl) {
    if (input.name !== 'char') return undefined
    return input.char === 'c' ? { kind: 'interrupt' } : input.char === 'u' ? { kind: 'edit', text: '' } : undefined
  }
  switch (input.name) {
    case 'char':
      return { kind: 'edit', text: text + input.char }
    case 'backspace':
      return { kind: 'edit', text: [...text].slice(0, -1).join('') }
    case 'enter':
      return { kind: 'submit' }
    case 'escape':
      return { kind: 'key', key: 'give' }
    default:
      return undefined
  }
}

/** Tells the demo when somebody looks at another page, or comes back. */
export function tellLooking({ demo, overlay, looking }: Model): readonly Command[] {
  const now = overlay !== undefined || looking !== undefined
  return demo && demo.looking !== now ? [{ kind: 'demo', event: { kind: 'looking', looking: now } }] : []
}

/** Writes a command of the presenter's own, what it writes and how it ended into the log. */
export function logOwn({ log, theme }: Model, run: number, event: OwnEvent): void {
  const { paint, symbols } = theme
  if (event.kind === 'output') log.append(run, event.chunk)
  else if (event.kind === 'began') {
    const lines = event.script.split('\n').map((line, at) => `${at === 0 ? '$' : '>'} ${line}`)
    log.begin(run, paint('accent', lines.join('\n')))
  } else {
    const { code, error } = event
    const text = code === 0 ? `${symbols.passed} done` : `${symbols.blocked} ${error ?? `exit code ${code ?? 'none'}`}`
    log.end(run, [paint(code === 0 ? 'passed' : 'blocked', text)])
  }
}
