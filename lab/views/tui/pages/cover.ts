import { drawnRows } from '../layout.ts'
import type { Model } from '../model.ts'
import { inner } from '../panes/rows.ts'
import type { Extent, Scroll } from '../scroll.ts'
import { drillPage } from './drills.ts'
import { finishRows } from './finish.ts'
import { troubleRows, welcomeRows } from './welcome.ts'

/** What covers the panes. */
export type Page = {
  readonly title: string
  readonly rows: readonly string[]
  readonly scroll: Scroll
  readonly extent: Extent
}

/** The widest lines that are read with ease. */
const WIDEST = 100

export const pageWidth = ({ size }: Model): number => Math.min(WIDEST, inner(size.columns))

export const makePage = ({ size }: Model, title: string, rows: readonly string[], scroll: Scroll): Page => ({
  title,
  rows,
  scroll,
  extent: { total: rows.length, height: Math.max(1, drawnRows(size) - 3) },
})

/** The page that stands instead of the panes: before the lab, after it, or while it is not there. */
export function coverOf(model: Model): Page | undefined {
  const { page, link, scrolls, state } = model
  const width = pageWidth(model)
  if (page === 'welcome' || !state) return makePage(model, 'Welcome', welcomeRows(model, width), scrolls.page)
  if (link.kind === 'lost' || link.kind === 'failed') {
    return makePage(model, 'Trouble', troubleRows(link, width, model.theme), scrolls.page)
  }
  if (page === 'drills') {
    const { title, rows, selected } = drillPage(model, width)
    const made = makePage(model, title, rows, scrolls.page)
    if (selected === undefined) return made
    const last = selected - made.extent.height + 1
    return { ...made, scroll: { offset: Math.max(0, last), follow: false } }
  }
  return page === 'finish' ? makePage(model, 'The end', finishRows(model, width), scrolls.page) : undefined
}
