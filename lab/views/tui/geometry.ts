import { type Layout, layoutOf, type Rect } from './layout.ts'
import type { Model, PaneName } from './model.ts'
import { chainRows } from './panes/chain.ts'
import { checkRows } from './panes/checks.ts'
import { progressRows } from './panes/progress.ts'
import { inner } from './panes/rows.ts'
import { textRows } from './panes/text.ts'
import type { Extent } from './scroll.ts'

/** All rows of a pane at the width of its rectangle. */
export function paneRows(model: Model, pane: PaneName, width: number): readonly string[] {
  switch (pane) {
    case 'text':
      return textRows(model, inner(width)).rows
    case 'output':
      return model.log.rowsAt(inner(width))
    case 'checks':
      return checkRows(model, inner(width))
    case 'chain':
      return chainRows(model, inner(width))
    case 'progress':
      return progressRows(model, inner(width))
  }
}

/** Where the panes are now. */
export const layoutOfModel = (model: Model): Layout =>
  layoutOf(model.size, {
    focus: model.focus,
    zoom: model.zoom,
    rows: (pane, width) => paneRows(model, pane, width).length,
  })

/** How much of a pane there is, and how much of it is seen. A strip shows nothing that could be scrolled. */
export function extentOf(model: Model, pane: PaneName, { width, height }: Rect): Extent {
  return { total: paneRows(model, pane, width).length, height: Math.max(0, height - 1) }
}
