import { graphemes, isPlain } from '../tui/text/cell.ts'
import { applySgr, NO_STYLE, sgrBetween } from '../tui/text/sgr.ts'

/** What stands in one place of a screen, and its SGR parameters; the second place of a wide character has no text. */
type Cell = { readonly text: string; readonly look: string }

const BLANK: Cell = { text: ' ', look: '' }

/** Fewer places than this are written again rather than jumped over, which takes as many bytes. */
const JUMP = 8

/** A row of text with SGR codes as what stands in each of its places. Controls are left out. */
export function cellsOf(row: string, columns: number): readonly Cell[] {
  const cells: Cell[] = []
  let style = NO_STYLE
  let look = ''
  for (const { text, width } of graphemes(row)) {
    if (text.startsWith('\x1b[')) {
      style = applySgr(style, text)
      look = sgrBetween(NO_STYLE, style).slice(2, -1)
    }
    if (width > 0) cells.push({ text, look })
    if (width === 2) cells.push({ text: '', look })
  }
  return Array.from({ length: columns }, (_, column) => cells[column] ?? BLANK)
}

/** What turns one screen into another: the places that differ, each row's from left to right. */
export function changesOf(before: readonly (readonly Cell[])[], after: readonly (readonly Cell[])[]): string {
  let bytes = ''
  let look: string | undefined
  for (const [y, row] of after.entries()) {
    const differs = row.map((cell, x) => !isSame(cell, before[y]?.[x]))
    if (!differs.includes(true)) continue
    // Players do not agree on how wide other characters are: their rows are written from the beginning.
    const plain = row.every(({ text }) => text !== '' && isPlain(text))
    let cursor: number | undefined
    for (const x of row.keys()) {
      if (plain && !differs[x]) continue
      if (cursor === undefined || x - cursor >= JUMP) {
        bytes += `\x1b[${y + 1};${x + 1}H`
        cursor = x
      }
      for (const cell of row.slice(cursor, x + 1)) {
        if (cell.look !== look) bytes += `\x1b[0${cell.look && `;${cell.look}`}m`
        look = cell.look
        bytes += cell.text
      }
      cursor = x + 1
    }
  }
  return bytes
}

const isSame = (cell: Cell, other: Cell = BLANK): boolean => cell.text === other.text && cell.look === other.look
