import { graphemes } from '../tui/text/cell.ts'
import { applySgr, NO_STYLE, type Style } from '../tui/text/sgr.ts'

export type SvgOptions = { readonly columns: number; readonly title: string }

type Run = { readonly column: number; readonly cells: number; readonly text: string; readonly style: Style }

const CELL = { width: 8.4, height: 18, size: 14, baseline: 13.5 }
const MARGIN = 12
const FOREGROUND = '#d4d4d4'
const BACKGROUND = '#1e1e1e'
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace'

/** A picture of a screen: rows of text with SGR codes, each run of a style where its cells are. */
export function svgOf(rows: readonly string[], { columns, title }: SvgOptions): string {
  const width = number(columns * CELL.width + 2 * MARGIN)
  const height = rows.length * CELL.height + 2 * MARGIN
  const body = rows.flatMap((row, at) => runsOf(row).flatMap((run) => drawn(run, at)))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="${FONT}" font-size="${CELL.size}" fill="${FOREGROUND}" xml:space="preserve">`,
    ...body,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** Neighbours of one style; blanks without a background or a line are left out. */
function runsOf(row: string): readonly Run[] {
  const runs: Run[] = []
  let style = NO_STYLE
  let column = 0
  for (const { text, width } of graphemes(row)) {
    if (text.startsWith('\u001b[')) {
      style = applySgr(style, text)
      continue
    }
    const last = runs.at(-1)
    // Wide characters stand alone: fonts do not agree on their width.
    if (last && last.style === style && width === 1 && last.cells === last.text.length) {
      runs[runs.length - 1] = { ...last, cells: last.cells + 1, text: last.text + text }
    } else if (width > 0) runs.push({ column, cells: width, text, style })
    column += width
  }
  return runs
    .filter(({ text, style: one }) => text.trim() !== '' || one.has('background') || one.has('inverse'))
    .map((run) => (run.style.has('background') || run.style.has('inverse') ? run : trimmed(run)))
}

/** Without blanks at its ends, which browsers leave out and would stretch the rest for. */
function trimmed({ column, text, style, cells }: Run): Run {
  const from = text.length - text.trimStart().length
  const blanks = text.length - text.trim().length
  return { column: column + from, cells: cells - blanks, text: text.trim(), style }
}

function drawn({ column, cells, text, style }: Run, row: number): readonly string[] {
  const x = number(MARGIN + column * CELL.width)
  const top = number(MARGIN + row * CELL.height)
  const width = number(cells * CELL.width)
  const inverse = style.has('inverse')
  const fore = colourOf(style.get('foreground')) ?? (inverse ? FOREGROUND : undefined)
  const back = colourOf(style.get('background')) ?? (inverse ? BACKGROUND : undefined)
  const [ink, paper] = inverse ? [back, fore] : [fore, back]
  const looks = [
    ...(ink === undefined ? [] : [`fill="${ink}"`]),
    ...(style.has('bold') ? ['font-weight="bold"'] : []),
    ...(style.has('italic') ? ['font-style="italic"'] : []),
    ...(style.has('underline') ? ['text-decoration="underline"'] : []),
    ...(style.has('dim') ? ['opacity="0.7"'] : []),
  ]
  const place = `x="${x}" y="${number(MARGIN + row * CELL.height + CELL.baseline)}" textLength="${width}"`
  return [
    ...(paper === undefined
      ? []
      : [`<rect x="${x}" y="${top}" width="${width}" height="${CELL.height}" fill="${paper}"/>`]),
    ...(text.trim() === '' ? [] : [`<text ${[place, ...looks].join(' ')}>${escaped(text)}</text>`]),
  ]
}

/** xterm's 16 colours, as its defaults have them, lightened where they could not be read on the dark background. */
const ANSI16 = [
  ...['#000000', '#f14c4c', '#23d18b', '#e5e510', '#5c9df5', '#d670d6', '#29b8db', '#e5e5e5'],
  ...['#8a8a8a', '#f14c4c', '#23d18b', '#f5f543', '#5c9df5', '#d670d6', '#29b8db', '#ffffff'],
]
const STEPS = [0, 95, 135, 175, 215, 255]

/** The colour of SGR parameters, as `Style` keeps them: `31`, `97`, `38;5;N`, `48;2;R;G;B`. */
function colourOf(parameters: string | undefined): string | undefined {
  if (parameters === undefined) return undefined
  const [first = 0, kind, ...values] = parameters.split(';').map(Number)
  if (kind === 2) return hex(values)
  const index = kind === 5 ? (values[0] ?? 0) : first >= 90 ? (first % 10) + 8 : first % 10
  if (index < 16) return ANSI16[index]
  if (index > 231) return hex(Array<number>(3).fill(8 + (index - 232) * 10))
  const at = index - 16
  return hex([Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) => STEPS[step] ?? 0))
}

const hex = (values: readonly number[]): string =>
  `#${values.map((value) => value.toString(16).padStart(2, '0')).join('')}`

const number = (value: number): string => String(Number(value.toFixed(2)))

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string =>
  text.replaceAll(' ', '\u00a0').replace(/[&<>"]/g, (found) => ENTITIES[found] ?? found)
