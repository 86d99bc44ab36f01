import { extentOf, layoutOfModel } from './geometry.ts'
import type { Model, PaneName } from './model.ts'
import { pageOf } from './pages/page.ts'
import { END, scrollBy, TOP } from './scroll.ts'

/** Scrolls a pane that is on the screen. */
export function scrollPane(model: Model, pane: PaneName, rows: number): Model {
  const rect = layoutOfModel(model).panes[pane]
  if (!rect) return model
  const scroll = scrollBy(model.scrolls[pane], rows, extentOf(model, pane, rect), pane === 'output')
  return { ...model, scrolls: { ...model.scrolls, [pane]: scroll } }
}

/** Scrolls the page that covers the panes. */
export function scrollPage(model: Model, rows: number): Model {
  const page = pageOf(model)
  if (!page) return model
  const scroll = scrollBy(page.scroll, rows, page.extent, false)
  if (model.overlay?.kind === 'help' || model.overlay?.kind === 'why') {
    return { ...model, overlay: { ...model.overlay, scroll } }
  }
  return { ...model, scrolls: { ...model.scrolls, page: scroll } }
}

/** Scrolls what the keyboard is at: the page, or the pane in focus. */
export function scroll(model: Model, by: 'up' | 'down' | 'page-up' | 'page-down' | 'top' | 'end'): Model {
  const page = pageOf(model)
  const rect = page ? undefined : layoutOfModel(model).panes[model.focus]
  const height = page?.extent.height ?? (rect ? extentOf(model, model.focus, rect).height : 1)
  const far = 1_000_000
  const rows = { up: -1, down: 1, 'page-up': 1 - height, 'page-down': height - 1, top: -far, end: far }[by]
  return page ? scrollPage(model, rows) : scrollPane(model, model.focus, rows)
}

/** The panes as they are when another task comes on the screen. */
export const freshScrolls = (model: Model): Model['scrolls'] => ({
  ...model.scrolls,
  text: TOP,
  checks: TOP,
  output: END,
})
