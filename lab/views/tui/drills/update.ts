import type { Event } from '../../../engine/events.ts'
import type { Act } from '../keymap.ts'
import type { Updated } from '../messages.ts'
import type { Model } from '../model.ts'
import { TOP } from '../scroll.ts'
import { drillView } from './view.ts'

const stay = (model: Model, ...commands: Updated['commands']): Updated => ({ model, commands })
const atTop = (model: Model): Model['scrolls'] => ({ ...model.scrolls, page: TOP })
const LIST_PAGE = 8

/** What a key means to the page of drills; undefined where it means what it means elsewhere. */
export function onDrillAct(model: Model, meant: Act): Updated | undefined {
  const { page, overlay, drills, now, state } = model
  if (meant === 'drills') return stay({ ...model, page: 'drills', overlay: undefined, scrolls: atTop(model) })
  if (meant === 'undo') {
    if (overlay?.kind !== 'undo') return stay({ ...model, overlay: { kind: 'undo' }, scrolls: atTop(model) })
    const asked: Model = { ...model, overlay: undefined, waiting: 'undo-drill', drills: { ...drills, since: now } }
    return stay(asked, { kind: 'dispatch', intent: { kind: 'undo-drill' } })
  }
  if (page !== 'drills' || overlay) return undefined
  const view = drillView(model)
  if (meant === 'hint') {
    return view.kind === 'running'
      ? stay(model, { kind: 'dispatch', intent: { kind: 'drill-hint', drill: view.drill.id } })
      : stay(model)
  }
  if (meant === 'close')
    return stay({ ...model, page: state?.finishedAt === undefined ? 'lab' : 'finish', scrolls: atTop(model) })
  if (view.kind !== 'list' || !isMove(meant)) return undefined
  const last = (state?.outline.drills.length ?? 1) - 1
  const { at } = drills
  const to = { up: at - 1, down: at + 1, 'page-up': at - LIST_PAGE, 'page-down': at + LIST_PAGE, top: 0, end: last }
  return stay({ ...model, drills: { ...drills, at: Math.max(0, Math.min(to[meant], last)) } })
}

const MOVES = ['up', 'down', 'page-up', 'page-down', 'top', 'end'] as const
const isMove = (act: Act): act is (typeof MOVES)[number] => (MOVES as readonly Act[]).includes(act)

/** Begins a drill. */
export const beginDrill = (model: Model, drill: string): Updated =>
  stay(
    { ...model, waiting: 'drill', drills: { at: model.drills.at, since: model.now }, scrolls: atTop(model) },
    { kind: 'dispatch', intent: { kind: 'drill', drill } },
  )

/** From a drill that is solved back to the list. */
export const backToList = (model: Model): Updated =>
  stay({ ...model, drills: { at: model.drills.at }, scrolls: atTop(model) })

/** What an event of a drill changes on the screen, whoever caused it. */
export function followDrill(model: Model, event: Event): Partial<Model> {
  const { page, drills, now, state } = model
  const here = page === 'drills' ? { scrolls: atTop(model) } : {}
  const told = (text: string): Partial<Model> => ({ notice: { text, tone: 'info', at: now } })
  switch (event.kind) {
    case 'drill-started': {
      const at = state?.outline.drills.findIndex(({ id }) => id === event.drill) ?? drills.at
      return { ...here, drills: { at: Math.max(0, at), since: drills.since } }
    }
    case 'drill-injected':
      return here
    case 'drill-solved':
      return {
        ...here,
        drills: { at: drills.at, solved: event.drill },
        ...(page === 'drills' ? {} : told(`The drill ${event.drill} is solved: d tells more`)),
      }
    case 'drill-undone':
      return { ...here, drills: { at: drills.at }, ...told('The world is what it was before the drill') }
    default:
      return {}
  }
}
