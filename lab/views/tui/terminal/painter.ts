import { wrap } from '../text/fit.ts'
import type { Size } from './size.ts'

/** Everything between ESC and its end that is not SGR, and controls but for the line feed. */
const NOT_TEXT =
  /\x1b\[(?![0-9;:]*m)[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b(?!\[)[ -/]*[0-~]?|[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g

// Private mode 2026: terminals that know it show everything in between at once.
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

/**
 * Turns whole frames, as Ink writes them, into the least that changes the screen: rows that differ, each at its place.
 * Nothing of a frame can scroll, clear or leave the screen. Frames of a fixed size, `needed`, are shown whole or not at
 * all.
 */
export class Painter {
  private frame: readonly string[] = []
  private painted: readonly (string | undefined)[] = []

  constructor(
    private readonly size: () => Size,
    private readonly needed?: Size,
  ) {}

  /** What to write for a chunk of Ink's; empty for chunks without text, which erase or move the cursor. */
  paint(chunk: string): string {
    const text = chunk.replace(NOT_TEXT, '')
    if (text === '') return ''
    this.frame = text.replace(/\n$/, '').split('\n')
    return this.update()
  }

  /** What to write for the latest frame when the screen may show anything. */
  repaint(): string {
    this.painted = []
    return this.update()
  }

  private update(): string {
    const { size, needed, frame } = this
    const { columns, rows } = size()
    const shown =
      needed && (columns < needed.columns || rows < needed.rows) ? tooSmall({ columns, rows }, needed) : frame
    const next = Array.from({ length: rows }, (_, row) => shown[row] ?? '')
    const changes = next.flatMap((text, row) =>
      // Erased first: after a row as wide as the screen, erasing would take its last column.
      text === this.painted[row] ? [] : [`\x1b[${row + 1};1H\x1b[0m\x1b[2K${text}`],
    )
    this.painted = next
    return changes.length === 0 ? '' : `${BEGIN}${changes.join('')}\x1b[0m${END}`
  }
}

function tooSmall({ columns, rows }: Size, needed: Size): readonly string[] {
  const text = `This terminal is ${columns}×${rows}. Make it ${needed.columns}×${needed.rows} or larger to see what is recorded.`
  return wrap(text, Math.max(1, columns))
}
