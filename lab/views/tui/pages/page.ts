import type { Model } from '../model.ts'
import { firstRow } from '../scroll.ts'
import { coverOf, makePage, type Page, pageWidth } from './cover.ts'
import { helpRows } from './help.ts'
import { stepRows } from './steps.ts'
import { whyRows } from './why.ts'

/** The page on the screen; none while the panes are. */
export function pageOf(model: Model): Page | undefined {
  const { overlay } = model
  const width = pageWidth(model)
  if (overlay?.kind === 'help') return makePage(model, 'Help', helpRows(model, width), overlay.scroll)
  if (overlay?.kind === 'why') return makePage(model, 'Why', whyRows(model, width), overlay.scroll)
  if (overlay?.kind === 'steps') {
    const { rows, selected } = stepRows(model, width, overlay.at)
    const { extent } = makePage(model, '', rows, { offset: 0, follow: false })
    const offset = Math.max(0, selected - Math.floor(extent.height / 2))
    return makePage(model, 'Look at another task', rows, { offset, follow: false })
  }
  return coverOf(model)
}

/** The rows of a page that are in sight. */
export const visibleRows = ({ rows, scroll, extent }: Page): readonly string[] => {
  const first = firstRow(scroll, extent)
  return rows.slice(first, first + extent.height)
}
