import type { Theme } from '../theme.ts'
import { chop } from './fit.ts'
import { highlight } from './highlight.ts'

/** Lines that a change shows unchanged before and after it, as `diff -u` does. */
const CONTEXT = 3

/** Above this many pairs of lines the differing middle is shown as replaced in one. */
const MOST_PAIRS = 4_000_000

type Line = { readonly sign: ' ' | '-' | '+'; readonly text: string }

/** The difference of two contents of a file in git's unified format; empty if there is none. */
export function unifiedDiff(before: string, after: string, path: string): string {
  if (before === after) return ''
  const lines = compare(linesOf(before), linesOf(after))
  const name = (side: string, content: string) => (content === '' ? '/dev/null' : `${side}/${path}`)
  return [`--- ${name('a', before)}`, `+++ ${name('b', after)}`, ...hunks(lines), ''].join('\n')
}

/** The rows of a unified diff in at most `width` cells. */
export function renderDiff(diff: string, { width, theme }: { width: number; theme: Theme }): string[] {
  const mark = theme.paint('dim', `${theme.symbols.continued} `)
  return highlight(diff.replace(/\n$/, ''), 'diff', theme).flatMap((line) => chop(line, width, mark))
}

/** A last line without its newline keeps that as part of its text. */
const linesOf = (content: string): string[] => {
  const lines = content.split('\n')
  const last = lines.pop()!
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`]
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  const most = Math.min(before.length, after.length) - head
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const lines = (sign: Line['sign'], texts: readonly string[]) => texts.map((text): Line => ({ sign, text }))
  return [
    ...lines(' ', before.slice(0, head)),
    ...changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...lines(' ', before.slice(before.length - tail)),
  ]
}

/** By the longest common subsequence: `common[i][j]` is its length from line i and line j on. */
function changes(before: readonly string[], after: readonly string[]): Line[] {
  const columns = after.length + 1
  const small = before.length * after.length <= MOST_PAIRS
  const common = new Uint32Array(small ? (before.length + 1) * columns : 0)
  for (let i = before.length - 1; small && i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * columns + j] =
        before[i] === after[j]
          ? common[(i + 1) * columns + j + 1]! + 1
          : Math.max(common[(i + 1) * columns + j]!, common[i * columns + j + 1]!)
    }
  }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [removed, added] = [before[i], after[j]]
    if (small && removed === added) {
      lines.push({ sign: ' ', text: before[i]! })
      i++
      j++
    } else if (
      added === undefined ||
      (removed !== undefined && (!small || common[(i + 1) * columns + j]! >= common[i * columns + j + 1]!))
    ) {
      lines.push({ sign: '-', text: before[i++]! })
    } else lines.push({ sign: '+', text: after[j++]! })
  }
  return lines
}

function hunks(lines: readonly Line[]): string[] {
  const rows: string[] = []
  let [line, before, after] = [0, 0, 0]
  const pass = (to: number) => {
    for (; line < to; line++) {
      if (lines[line]!.sign !== '+') before++
      if (lines[line]!.sign !== '-') after++
    }
  }
  for (;;) {
    const first = lines.findIndex(({ sign }, at) => at >= line && sign !== ' ')
    if (first < 0) return rows
    let last = first
    for (let at = first; at < lines.length && at <= last + 2 * CONTEXT + 1; at++) if (lines[at]!.sign !== ' ') last = at
    pass(Math.max(line, first - CONTEXT))
    const [start, fromBefore, fromAfter] = [line, before, after]
    pass(Math.min(lines.length, last + CONTEXT + 1))
    const range = (from: number, to: number) => {
      const count = to - from
      return `${count === 0 ? from : from + 1}${count === 1 ? '' : `,${count}`}`
    }
    rows.push(`@@ -${range(fromBefore, before)} +${range(fromAfter, after)} @@`)
    rows.push(...lines.slice(start, line).map(({ sign, text }) => sign + text))
  }
}
