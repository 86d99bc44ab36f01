import { promptOf } from '../../engine/demo-state.ts'
import { foreground } from '../../engine/select.ts'
import { taskState } from '../../engine/state.ts'
import { promptRows } from './demo/prompt.ts'
import { type Layout, layoutOf, type Rect } from './layout.ts'
import { type Model, type PaneName, taskOnScreen } from './model.ts'
import { chainRows } from './panes/chain.ts'
import { checkRows } from './panes/checks.ts'
import { progressRows } from './panes/progress.ts'
import { inner } from './panes/rows.ts'
import { textRows } from './panes/text.ts'
import type { Extent } from './scroll.ts'

/** What was found out of the model asked about last: one frame asks for it again and again. */
let known: { readonly model?: Model; readonly rows: Map<string, readonly string[]>; layout?: Layout } = {
  rows: new Map(),
}

function knownOf(model: Model): typeof known {
  if (known.model !== model) known = { model, rows: new Map() }
  return known
}

/** All rows of a pane at the width of its rectangle. */
export function paneRows(model: Model, pane: PaneName, width: number): readonly string[] {
  const { rows } = knownOf(model)
  const key = `${pane} ${width}`
  const found = rows.get(key) ?? rowsOf(model, pane, width)
  rows.set(key, found)
  return found
}

function rowsOf(model: Model, pane: PaneName, width: number): readonly string[] {
  switch (pane) {
    case 'text':
      return textRows(model, inner(width)).rows
    case 'output': {
      const [rows, prompt] = [model.log.rowsAt(inner(width)), promptRows(model, inner(width))]
      return prompt.length === 0 ? rows : [...rows, ...prompt]
    }
    case 'checks':
      return checkRows(model, inner(width))
    case 'chain':
      return chainRows(model, inner(width))
    case 'progress':
      return progressRows(model, inner(width))
  }
}

/** Where the panes are now. */
export function layoutOfModel(model: Model): Layout {
  const found = knownOf(model)
  found.layout ??= layoutOf(model.size, {
    focus: model.focus,
    zoom: model.zoom,
    large: model.demo !== undefined,
    rows: (pane, width) => (pane === 'output' && isOutputIdle(model) ? 0 : paneRows(model, pane, width).length),
  })
  return found.layout
}

/** Output of former tasks leaves its room to the text, unless somebody went to it. */
function isOutputIdle(model: Model): boolean {
  const { state, focus, demo } = model
  if (demo && state && promptOf(demo, state)) return false
  const task = taskOnScreen(model)
  if (focus === 'output' || !state || !task) return false
  return foreground(state) === undefined && Object.keys(taskState(state, task.key).actions).length === 0
}

/** How much of a pane there is, and how much of it is seen. A strip shows nothing that could be scrolled. */
export function extentOf(model: Model, pane: PaneName, { width, height }: Rect): Extent {
  return { total: paneRows(model, pane, width).length, height: Math.max(0, height - 1) }
}
