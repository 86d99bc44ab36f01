import { cellWidth, type Grapheme, graphemes, isPlain } from './cell.ts'
import { applySgr, NO_STYLE, type Style, sgrBetween } from './sgr.ts'

type Cell = Grapheme & { readonly style: Style }

const PRINTABLE = /^[ -~]*$/
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const TAB = 8

/** The text, cut to at most `width` cells; a cut one ends in `ellipsis`. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return ''
  const bare = text.includes('\u001b') ? text.replace(/\u001b\[[\d;]*m/g, '') : text
  if (bare.length <= width && isPlain(bare))
    return bare === text ? text : text + sgrBetween(styleAfter(text, NO_STYLE), NO_STYLE)
  const cells = cellsOf(text)
  if (widthOf(cells) <= width) return written(cells)
  const mark = cellWidth(ellipsis) <= width ? ellipsis : ''
  const [kept] = splitAt(cells, width - cellWidth(mark))
  const style = kept.at(-1)?.style ?? NO_STYLE
  return written(mark === '' ? kept : [...kept, { text: mark, width: cellWidth(mark), style }])
}

/** The text in exactly `width` cells: cut, or padded with spaces. */
export function fitted(text: string, width: number, ellipsis = '…'): string {
  const row = cut(text, width, ellipsis)
  return row + ' '.repeat(Math.max(0, width - cellWidth(row)))
}

/**
 * Rows of at most `width` cells, broken at spaces; longer words are broken anywhere. Each row closes the SGR codes that
 * it opens, and the next one opens them again. `keepIndent` begins every row of a line as far in as its first.
 */
export function wrap(text: string, width: number, { keepIndent = false } = {}): string[] {
  if (width <= 0) return text.split('\n').map(() => '')
  let style = NO_STYLE
  return text.split('\n').flatMap((line) => {
    if (style.size === 0 && PRINTABLE.test(line) && line.length <= width) return [line]
    const cells = cellsOf(line, style)
    style = styleAfter(line, style)
    return wrapLine(cells, width, keepIndent).map(written)
  })
}

/**
 * Rows of at most `width` cells that lose nothing, for code: broken after a space if there is one near the end, else
 * anywhere. All but the first begin with `mark`.
 */
export function chop(text: string, width: number, mark = ''): string[] {
  if (width <= 0) return ['']
  const room = cellWidth(mark) < width ? mark : ''
  const inner = width - cellWidth(room)
  let [row, rest] = chopAt(narrowed(cellsOf(text), inner), width)
  const rows = [written(row)]
  while (rest.length > 0) {
    ;[row, rest] = chopAt(rest, inner)
    rows.push(room + written(row))
  }
  return rows
}

function chopAt(cells: readonly Cell[], width: number): [Cell[], Cell[]] {
  const [row, rest] = splitAt(cells, width)
  const space = row.findLastIndex(({ text }) => text === ' ')
  if (rest.length === 0 || rest[0]!.text === ' ' || space < (row.length * 2) / 3) return [row, rest]
  return [row.slice(0, space + 1), [...row.slice(space + 1), ...rest]]
}

function styleAfter(text: string, before: Style): Style {
  let style = before
  for (const [code] of text.matchAll(/\u001b\[[\d;:]*m/g)) style = applySgr(style, code)
  return style
}

/** Visible cells with their styles: tabs become spaces, other control and lone zero-width characters are left out. */
function cellsOf(text: string, style: Style = NO_STYLE): Cell[] {
  const cells: Cell[] = []
  let now = style
  let column = 0
  for (const grapheme of graphemes(CONTROL.test(text) ? text.replaceAll('\n', ' ') : text)) {
    if (grapheme.width > 0) {
      cells.push({ text: grapheme.text, width: grapheme.width, style: now })
      column += grapheme.width
    } else if (grapheme.text.startsWith('\u001b[')) now = applySgr(now, grapheme.text)
    else if (grapheme.text === '\t') {
      do cells.push({ text: ' ', width: 1, style: now })
      while (++column % TAB !== 0)
    }
  }
  return cells
}

function written(cells: readonly Cell[]): string {
  let row = ''
  let now = NO_STYLE
  for (const { text, style } of cells) {
    row += sgrBetween(now, style) + text
    now = style
  }
  return row + sgrBetween(now, NO_STYLE)
}

const widthOf = (cells: readonly Cell[]) => cells.reduce((sum, { width }) => sum + width, 0)

/** As many cells as fit, and the rest. */
function splitAt(cells: readonly Cell[], width: number): [Cell[], Cell[]] {
  let used = 0
  let at = 0
  while (at < cells.length && used + cells[at]!.width <= width) used += cells[at++]!.width
  return [cells.slice(0, at), cells.slice(at)]
}

/** Cells that are wider than a whole row are shown as `?`. */
const narrowed = (cells: readonly Cell[], width: number): readonly Cell[] =>
  cells.some((cell) => cell.width > width)
    ? cells.map((cell) => (cell.width > width ? { ...cell, text: '?', width: 1 } : cell))
    : cells

function wrapLine(line: readonly Cell[], width: number, keepIndent: boolean): Cell[][] {
  const first = line.findIndex(({ text }) => text !== ' ')
  const indent = keepIndent && first > 0 && first <= width / 2 ? line.slice(0, first) : []
  const rows: Cell[][] = []
  let row: Cell[] = []
  let used = 0
  let gap: Cell[] = []
  let blank = true
  const breakRow = () => {
    rows.push(row)
    row = [...indent]
    used = indent.length
    gap = []
    blank = true
  }
  for (const word of wordsOf(narrowed(line, width - indent.length))) {
    if (word[0]!.text === ' ') {
      gap = word
      continue
    }
    if (!blank && used + gap.length + widthOf(word) > width) breakRow()
    if (blank && used + gap.length + word[0]!.width > width) gap = []
    let rest = [...gap, ...word]
    while (rest.length > 0) {
      const [part, more] = splitAt(rest, width - used)
      row.push(...part)
      used += widthOf(part)
      rest = more
      if (rest.length > 0) breakRow()
    }
    blank = false
    gap = []
  }
  return [...rows, row]
}

/** Words and the runs of spaces between them; wide characters are words of their own, as lines may break there. */
function wordsOf(cells: readonly Cell[]): Cell[][] {
  const words: Cell[][] = []
  const kind = ({ text, width }: Cell) => (text === ' ' ? 'space' : width > 1 ? 'wide' : 'word')
  for (const cell of cells) {
    const word = words.at(-1)
    if (word && kind(cell) !== 'wide' && kind(word[0]!) === kind(cell)) word.push(cell)
    else words.push([cell])
  }
  return words
}
