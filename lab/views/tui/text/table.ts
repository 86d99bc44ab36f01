import type { Theme } from '../theme.ts'
import { cellWidth } from './cell.ts'
import { cut, wrap } from './fit.ts'

type Align = 'left' | 'right' | 'center' | null
type Table = {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly align: readonly Align[]
}

const GAP = '  '
const LEAST = 4

/**
 * The rows of a table in at most `width` cells: the widest column gives way first, and its cells are wrapped. Where even
 * narrow columns have no room, each row becomes lines `header: cell`.
 */
export function tableRows({ header, rows, align }: Table, width: number, theme: Theme): string[] {
  const widths = columnWidths([header, ...rows], width)
  if (!widths) {
    return rows.flatMap((row, at) => [
      ...(at > 0 ? [''] : []),
      ...row.flatMap((cell, column) => wrap(`${theme.paint('strong', `${header[column]}:`)} ${cell}`, width)),
    ])
  }
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, at) => wrap(cell, widths[at]!))
    const height = Math.max(...cells.map(({ length }) => length))
    return Array.from({ length: height }, (_, at) =>
      cells.map((cell, column) => aligned(cell[at] ?? '', widths[column]!, align[column] ?? null)).join(GAP),
    )
  }
  const rule = theme.paint('border', widths.map((cells) => theme.symbols.box.h.repeat(cells)).join(GAP))
  return [...line(header.map((cell) => theme.paint('strong', cell))), rule, ...rows.flatMap(line)]
}

function columnWidths(rows: readonly (readonly string[])[], width: number): number[] | undefined {
  const widest = (column: number) =>
    Math.max(...rows.flatMap((row) => (row[column] ?? '').split('\n').map((line) => cellWidth(line))))
  const widths = rows[0]!.map((_, column) => Math.max(1, widest(column)))
  let over = widths.reduce((sum, cells) => sum + cells, GAP.length * (widths.length - 1)) - width
  for (; over > 0; over--) {
    const most = Math.max(...widths)
    if (most <= LEAST) return undefined
    widths[widths.indexOf(most)]!--
  }
  return widths
}

function aligned(text: string, width: number, align: Align): string {
  const room = Math.max(0, width - cellWidth(text))
  const before = align === 'right' ? room : align === 'center' ? Math.floor(room / 2) : 0
  return cut(' '.repeat(before) + text + ' '.repeat(room - before), width)
}
