import { extentOf, layoutOfModel, paneRows } from './geometry.ts'
import type { Layout, Rect } from './layout.ts'
import { drawnRows, LEAST } from './layout.ts'
import type { Model, PaneName } from './model.ts'
import { pageOf, visibleRows } from './pages/page.ts'
import { chainStrip } from './panes/chain.ts'
import { footerRow } from './panes/footer.ts'
import { headerRow } from './panes/header.ts'
import { inner } from './panes/rows.ts'
import { paneTitle, titleRow } from './panes/title.ts'
import { firstRow } from './scroll.ts'
import { cut, fitted, wrap } from './text/fit.ts'
import { inlineCode } from './text/inline.ts'

/** The screen: as many rows as are drawn, none wider than it. */
export function frame(model: Model): readonly string[] {
  const { size, demo } = model
  const { columns } = size
  const height = drawnRows(size)
  if (demo?.blank) return Array.from({ length: height }, () => '')
  if (columns < LEAST.columns || size.rows < LEAST.rows) return tooSmall(model)
  const body = bodyRows(model)
  const notice = noticeRows(model, columns).slice(0, 4)
  const kept = body.slice(0, height - 2 - notice.length)
  const blank = Array.from({ length: height - 2 - notice.length - kept.length }, () => '')
  return [headerRow(model, columns), ...kept, ...blank, ...notice, footerRow(model, columns)]
}

function tooSmall({ size, theme }: Model): readonly string[] {
  const text = `This terminal is ${size.columns}×${size.rows}. Make it ${LEAST.columns}×${LEAST.rows} or larger; q leaves, and the lab goes on.`
  return wrap(theme.paint('warning', text), Math.max(1, size.columns)).slice(0, drawnRows(size))
}

function bodyRows(model: Model): readonly string[] {
  const page = pageOf(model)
  if (page) {
    const hidden = { above: firstRow(page.scroll, page.extent), below: 0 }
    hidden.below = Math.max(0, page.extent.total - hidden.above - page.extent.height)
    return [
      titleRow(model, page.title, hidden, true, model.size.columns),
      ...visibleRows(page).map((row) => cut(` ${row}`, model.size.columns)),
    ]
  }
  const layout = layoutOfModel(model)
  const panes = (Object.entries(layout.panes) as [PaneName, Rect][])
    .filter(([, { height }]) => height > 0)
    .sort(([, a], [, b]) => a.left - b.left)
  const drawn = panes.map(([name, rect]) => ({ rect, rows: drawPane(model, layout, name, rect) }))
  const bar = model.theme.paint('border', model.theme.symbols.box.v)
  return Array.from({ length: layout.height - 2 }, (_, at) => {
    const row = at + 1
    const here = drawn.filter(({ rect }) => row >= rect.top && row < rect.top + rect.height)
    return here.map(({ rect, rows }) => fitted(rows[row - rect.top] ?? '', rect.width)).join(bar)
  })
}

function drawPane(model: Model, layout: Layout, name: PaneName, rect: Rect): readonly string[] {
  const width = inner(rect.width)
  if (name === 'chain' && layout.kind === 'medium' && !model.zoom) return [` ${chainStrip(model, width)}`]
  const extent = extentOf(model, name, rect)
  const first = firstRow(model.scrolls[name], extent)
  const hidden = { above: first, below: Math.max(0, extent.total - first - extent.height) }
  const focused = model.focus === name
  const rows = paneRows(model, name, rect.width).slice(first, first + extent.height)
  return [
    titleRow(model, paneTitle(model, name), hidden, focused, rect.width),
    ...rows.map((row) => ` ${cut(row, width)}`),
  ]
}

function noticeRows({ notice, theme }: Model, columns: number): readonly string[] {
  if (!notice) return []
  const symbol = notice.tone === 'bad' ? theme.symbols.warning : theme.symbols.bullet
  const text = `${symbol} ${inlineCode(notice.text, theme)}`
  return wrap(theme.paint(notice.tone === 'bad' ? 'warning' : 'accent', text), inner(columns)).map((row) => ` ${row}`)
}
