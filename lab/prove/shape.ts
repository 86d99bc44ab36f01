/** A line that a course shows and a command did not print. `line` counts from 0 within the fence. */
export type Difference = { readonly line: number; readonly expected: string; readonly found: string | undefined }

const ANY = '…'

/** Letters and digits of the names that Kubernetes makes up. */
const MADE_UP = '[bcdfghjklmnpqrstvwxz2456789]'

/** What is another with each run, by what stands for it. The order matters: a uid holds what looks like a number. */
const VARYING: readonly [RegExp, string][] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g, '<time>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \w{3} +\d+ \d\d:\d\d:\d\d \d{4}( [+-]\d{4})?/g, '<time>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uid>'],
  [new RegExp(`-${MADE_UP}{8,10}(-${MADE_UP}{5})?\\b`, 'g'), '-<id>'],
  [/\b[0-9a-f]{7,64}\b/g, '<sha>'],
  [/\b(\d+(\.\d+)?(ms|s|m|h|d))+\b/g, '<age>'],
  [/\bv?\d+(\.\d+)+/g, '<version>'],
  [/\d{4,}/g, '<number>'],
  [/\s+/g, ' '],
]

/**
 * Compares an output fence with what its command printed, by shape: times, ages, uids, hashes, versions, numbers of
 * four digits and more, and the width of columns may differ. `…` stands for anything in a line, or for any lines.
 */
export function differenceOf(expected: string, printed: string): Difference | undefined {
  const found = linesOf(printed)
  const blocks = blocksOf(linesOf(expected))
  let at = 0
  for (const [index, { line, lines }] of blocks.entries()) {
    const [first, last] = [index === 0, index === blocks.length - 1]
    if (!first && last && lines.length === 0) return undefined
    const from = first ? 0 : last ? Math.max(at, found.length - lines.length) : indexOf(found, lines, at)
    for (const [offset, text] of lines.entries()) {
      const there = from < 0 ? undefined : found[from + offset]
      if (!matches(text, there)) return { line: line + offset, expected: text, found: there }
    }
    at = from + lines.length
  }
  const more = blocks.length === 1 ? found[at] : undefined
  return more === undefined ? undefined : { line: at, expected: 'nothing more', found: more }
}

/** The lines between `…` lines, with the number of the first. */
function blocksOf(lines: readonly string[]): readonly { readonly line: number; readonly lines: readonly string[] }[] {
  const blocks: { line: number; lines: string[] }[] = [{ line: 0, lines: [] }]
  for (const [at, line] of lines.entries()) {
    if (line.trim() === ANY) blocks.push({ line: at + 1, lines: [] })
    else blocks.at(-1)?.lines.push(line)
  }
  return blocks
}

/** Where `lines` stand in `found` at or after `from`; where none do so as a whole, where the first of them stands. */
function indexOf(found: readonly string[], lines: readonly string[], from: number): number {
  const all = found.findIndex((_, at) => at >= from && lines.every((line, offset) => matches(line, found[at + offset])))
  return all >= 0 ? all : found.findIndex((line, at) => at >= from && matches(lines[0] ?? '', line))
}

function matches(expected: string, found: string | undefined): boolean {
  if (found === undefined) return false
  const parts = expected.split(ANY).map((part) => shapeOf(part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(shapeOf(found))
}

const shapeOf = (text: string): string => VARYING.reduce((shape, [varying, name]) => shape.replace(varying, name), text)

/** What a terminal would show, without empty lines at the end. */
const linesOf = (text: string): readonly string[] =>
  text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
    .trimEnd()
    .split('\n')
    .map((line) => (line.replace(/\r$/, '').split('\r').at(-1) as string).trimEnd())
