import { decide } from '../../engine/decide.ts'
import { activeDrill } from '../../engine/drill.ts'
import { offerOf } from '../../engine/offer.ts'
import { drillView } from './drills/view.ts'
import { extentOf, layoutOfModel } from './geometry.ts'
import { following, isShownPassed, type Model } from './model.ts'
import { coverOf } from './pages/cover.ts'
import { inner } from './panes/rows.ts'
import { textRows } from './panes/text.ts'
import { firstRow } from './scroll.ts'

/** What Enter does now; `label` is what the footer says of it. */
export type Go = { readonly label: string } & (
  | { readonly kind: 'restart' | 'back' | 'show-text' | 'read-page' | 'finish' | 'leave' | 'drills' }
  | { readonly kind: 'begin'; readonly page: Model['page'] }
  | { readonly kind: 'drill'; readonly drill: string }
  /** Rows of the text that should be seen before it goes on. */
  | { readonly kind: 'read'; readonly from: number; readonly to: number }
  | { readonly kind: 'run'; readonly task: string; readonly action: string }
  /** Done with a task that is only looked at. */
  | { readonly kind: 'next' }
  /** On to the next task's text. */
  | { readonly kind: 'on'; readonly task: string }
  | { readonly kind: 'check'; readonly task: string }
)

/** How long checks may take to see what the last action did, before they are asked again by hand. */
const SETTLING = 1500

/** What Enter does in the lab, one sure step at a time: never something that is not on the screen. */
export function goOf(model: Model): Go | undefined {
  const { page, link, state, looking } = model
  if (link.kind === 'lost' || link.kind === 'failed') return { kind: 'restart', label: 'start it again' }
  const cover = coverOf(model)
  const choosing = page === 'drills' && drillView(model).kind === 'list'
  if (cover && !choosing && firstRow(cover.scroll, cover.extent) + cover.extent.height < cover.extent.total) {
    return { kind: 'read-page', label: 'read on' }
  }
  if (page === 'drills') return drillGo(model)
  if (page === 'finish') return { kind: 'leave', label: 'leave' }
  if (page === 'welcome') {
    if (link.kind !== 'up' || !state || !model.course || !model.render) return undefined
    if (activeDrill(state)) return { kind: 'begin', page: 'drills', label: 'to the drill' }
    if (state.finishedAt !== undefined) return { kind: 'begin', page: 'finish', label: 'see the end' }
    return { kind: 'begin', page: 'lab', label: model.since ? 'go on' : 'begin' }
  }
  if (!state) return undefined
  if (looking !== undefined) return { kind: 'back', label: 'back to your task' }
  const go = step(model)
  if (!go || go.kind === 'check') return go
  return unseen(model, go) ?? go
}

function drillGo(model: Model): Go | undefined {
  const { state, drills } = model
  const { kind } = drillView(model)
  if (kind === 'solved') return { kind: 'drills', label: 'to the list' }
  const chosen = kind === 'list' ? state?.outline.drills[drills.at]?.id : undefined
  if (!state || chosen === undefined || !decide(state, { kind: 'drill', drill: chosen }).ok) return undefined
  return { kind: 'drill', drill: chosen, label: 'begin it' }
}

function step(model: Model): Go | undefined {
  const { state, shown, now, waiting } = model
  // What Enter asked for last may put something else on the screen.
  if (!state || waiting === 'next' || waiting === 'run') return undefined
  if (isShownPassed(model)) {
    const next = following(model)
    if (next) return { kind: 'on', task: next.key, label: 'go on' }
    return state.finishedAt === undefined ? undefined : { kind: 'finish', label: 'see what you built' }
  }
  const offer = offerOf(state)
  if ('task' in offer && offer.task !== undefined && offer.task !== shown) {
    return { kind: 'on', task: offer.task, label: 'to your task' }
  }
  switch (offer.kind) {
    case 'run':
      return { kind: 'run', task: offer.task, action: offer.action, label: 'run it' }
    case 'write':
      return { kind: 'run', task: offer.task, action: offer.action, label: 'write the file' }
    case 'edit':
      return { kind: 'run', task: offer.task, action: offer.action, label: 'make the edit' }
    case 'retry':
      return { kind: 'run', task: offer.task, action: offer.action, label: 'try again' }
    case 'wait': {
      if (offer.action === undefined || offer.task === undefined) return undefined
      return { kind: 'run', task: offer.task, action: offer.action, label: 'run it anyway' }
    }
    case 'next':
      return { kind: 'next', label: 'go on' }
    case 'act':
      return now - offer.since < SETTLING ? undefined : { kind: 'check', task: offer.task, label: 'check again' }
    case 'finished':
      return { kind: 'finish', label: 'see what you built' }
    case 'running':
    case 'drill':
      return undefined
  }
}

/** What has to be read first: the command that would run, or the rest of a text that would be left. */
function unseen(model: Model, go: Go): Go | undefined {
  const layout = layoutOfModel(model)
  const rect = layout.panes.text
  if (!rect) return { kind: 'show-text', label: 'show the task' }
  const { rows, actions } = textRows(model, inner(rect.width))
  const extent = extentOf(model, 'text', rect)
  const first = firstRow(model.scrolls.text, extent)
  const bottom = first + extent.height
  const needed = go.kind === 'run' ? actions[go.action] : { from: Math.max(0, rows.length - 1), to: rows.length }
  if (!needed) return undefined
  if (needed.to > bottom) {
    const page = Math.min(bottom + extent.height - 1, needed.to)
    return { kind: 'read', from: Math.max(first, page - extent.height), to: page, label: 'read on' }
  }
  return needed.to <= first ? { kind: 'read', ...needed, label: 'show the command' } : undefined
}
