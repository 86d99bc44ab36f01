type Line = { readonly sign: ' ' | '+' | '-'; readonly text: string }

/** Lines of context around a change, as `diff -u` shows them. */
const CONTEXT = 3
/** Aligning takes four bytes for each pair of lines; where that is more than 16 MB, all is shown as replaced. */
const PAIRS = 4_000_000

/** A unified diff of two texts, without file names; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after))
  const changed = lines.flatMap(({ sign }, at) => (sign === ' ' ? [] : [at]))
  const hunks: [from: number, to: number][] = []
  for (const at of changed) {
    const last = hunks.at(-1)
    if (last && at - CONTEXT <= last[1]) last[1] = at + CONTEXT + 1
    else hunks.push([Math.max(0, at - CONTEXT), at + CONTEXT + 1])
  }
  return hunks.map(([from, to]) => hunk(lines, from, Math.min(to, lines.length))).join('\n')
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

function hunk(lines: readonly Line[], from: number, to: number): string {
  const part = lines.slice(from, to)
  const count = (some: readonly Line[], other: '+' | '-') => some.filter(({ sign }) => sign !== other).length
  const range = (other: '+' | '-') => {
    const length = count(part, other)
    return `${count(lines.slice(0, from), other) + (length > 0 ? 1 : 0)},${length}`
  }
  return [`@@ -${range('+')} +${range('-')} @@`, ...part.map(({ sign, text }) => `${sign}${text}`)].join('\n')
}

const keep = (text: string): Line => ({ sign: ' ', text })
const drop = (text: string): Line => ({ sign: '-', text })
const add = (text: string): Line => ({ sign: '+', text })

/** Aligns two texts, what is equal at both ends set aside. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const [a, b] = [before.slice(start, before.length - end), after.slice(start, after.length - end)]
  const middle = a.length * b.length > PAIRS ? [...a.map(drop), ...b.map(add)] : align(a, b)
  return [...before.slice(0, start).map(keep), ...middle, ...before.slice(before.length - end).map(keep)]
}

/** Aligns two texts by their longest common subsequence. */
function align(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] as number
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const middle: Line[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      middle.push(keep(a[i++] as string))
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      middle.push(drop(a[i++] as string))
    } else middle.push(add(b[j++] as string))
  }
  return middle
}
