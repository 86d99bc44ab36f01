import type { PaneName } from './model.ts'
import type { Size } from './terminal/size.ts'

export type Rect = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** What the panes would like to have. */
export type Wants = {
  readonly focus: PaneName
  readonly zoom: boolean
  /** Text as wide as the screen, for a room to read. */
  readonly large?: boolean
  /** Rows that each pane has to show, at the width that it gets. */
  rows(pane: PaneName, width: number): number
}

export type Layout = {
  /** `wide` and `medium` show several panes at once, `narrow` one. */
  readonly kind: 'wide' | 'medium' | 'narrow'
  /** The rows of the screen that are drawn. */
  readonly height: number
  /** Where panes are, their title row included. A rectangle of one row is a strip without a title. */
  readonly panes: Readonly<Partial<Record<PaneName, Rect>>>
}

export const LEAST: Size = { columns: 60, rows: 15 }

/** Ink clears the whole terminal at each frame that is as high as the terminal, so one row stays free. */
export const drawnRows = ({ rows }: Size): number => Math.max(1, rows - 1)

/** The widest text pane that is read with ease, its margins included. */
const TEXT = { least: 80, most: 110 }
const SEPARATOR = 1
const HEADER = 1
const FOOTER = 1

/** Which pane is where. */
export function layoutOf(size: Size, wants: Wants): Layout {
  const height = drawnRows(size)
  const body: Rect = { left: 0, top: HEADER, width: size.columns, height: Math.max(1, height - HEADER - FOOTER) }
  const kind = height < 18 || size.columns < 80 ? 'narrow' : size.columns < 120 || wants.large ? 'medium' : 'wide'
  if (wants.zoom) return { kind, height, panes: { [wants.focus]: body } }
  const panes = { narrow, medium, wide }[kind](body, wants)
  return { kind, height, panes }
}

function narrow(body: Rect, wants: Wants): Layout['panes'] {
  if (wants.focus === 'checks') return { checks: body }
  const checks = limit(wants.rows('checks', body.width), 1, 3)
  const [main, below] = splitRows(body, body.height - checks - 1)
  return { [wants.focus]: main, checks: below }
}

function medium(body: Rect, wants: Wants): Layout['panes'] {
  const [upper, strip] = wants.rows('chain', body.width) > 0 ? splitRows(body, body.height - 1) : [body, undefined]
  const checks = limit(wants.rows('checks', body.width) + 1, 2, Math.floor(upper.height * 0.4))
  const [reading, below] = splitRows(upper, upper.height - checks)
  return { ...readingPanes(reading, wants), checks: below, ...(strip ? { chain: strip } : {}) }
}

function wide(body: Rect, wants: Wants): Layout['panes'] {
  const width = limit(Math.floor(body.width * 0.62), TEXT.least, TEXT.most)
  const right: Rect = { ...body, left: width + SEPARATOR, width: body.width - width - SEPARATOR }
  const chainRows = wants.rows('chain', right.width)
  const third = Math.max(4, Math.floor(right.height / 3))
  const chain = chainRows === 0 ? 0 : limit(chainRows + 1, 2, third + 2)
  const progress = limit(wants.rows('progress', right.width) + 1, 4, right.height - chain - third)
  const [first, rest] = splitRows(right, progress)
  const [second, last] = splitRows(rest, chain)
  return {
    ...readingPanes({ ...body, width }, wants),
    progress: first,
    ...(chain === 0 ? { checks: rest } : { chain: second, checks: last }),
  }
}

/** The text above, what runs below; a short text leaves its room to the output. */
function readingPanes(area: Rect, wants: Wants): Layout['panes'] {
  const output = wants.rows('output', area.width)
  if (output === 0) return { text: area }
  const most = Math.max(Math.floor(area.height * 0.45), area.height - wants.rows('text', area.width) - 1)
  const [text, below] = splitRows(area, area.height - limit(output + 1, 3, Math.min(most, area.height - 4)))
  return { text, output: below }
}

function splitRows(rect: Rect, upper: number): [Rect, Rect] {
  const height = limit(upper, 0, rect.height)
  return [
    { ...rect, height },
    { ...rect, top: rect.top + height, height: rect.height - height },
  ]
}

const limit = (value: number, least: number, most: number): number =>
  Math.max(Math.min(value, most), Math.min(least, most))

/** The pane at a place of the screen. */
export const paneAt = ({ panes }: Layout, column: number, row: number): PaneName | undefined =>
  (Object.entries(panes) as [PaneName, Rect][]).find(
    ([, { left, top, width, height }]) => column >= left && column < left + width && row >= top && row < top + height,
  )?.[0]
