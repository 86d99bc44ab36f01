import { describe, expect, it } from 'vitest'
import { themeOf } from '../theme.ts'
import { cellWidth } from './cell.ts'
import { renderDiff, unifiedDiff } from './diff.ts'

const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `${from + at}\n`).join('')

/** Applies a diff by its line numbers and counts, as strictly as `patch --fuzz=0`. */
function patched(before: string, diff: string): string {
  const source = before.split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  for (const hunk of diff.split(/^(?=@@)/m).slice(1)) {
    const [head = '', ...rows] = hunk.replace(/\n\\ No newline.*/g, '\u0000').split(/(?<=\n)/)
    const [, from, fromCount = '1', to, toCount = '1'] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(head)!
    result.push(...source.slice(at, Number(from) - (fromCount === '0' ? 0 : 1)))
    at = Number(from) - (fromCount === '0' ? 0 : 1)
    expect(result.length).toBe(Number(to) - (toCount === '0' ? 0 : 1))
    const texts = rows.map((row) => ({ sign: row[0], text: row.slice(1).replace(/\u0000\n?/, '') }))
    const old = texts.filter(({ sign }) => sign !== '+').map(({ text }) => text)
    const fresh = texts.filter(({ sign }) => sign !== '-').map(({ text }) => text)
    expect([old.length, fresh.length]).toEqual([Number(fromCount), Number(toCount)])
    expect(source.slice(at, at + old.length)).toEqual(old)
    result.push(...fresh)
    at += old.length
  }
  return [...result, ...source.slice(at)].join('')
}

describe('unifiedDiff', () => {
  it('shows a change with three lines around it', () => {
    expect(unifiedDiff(lines(1, 9), `${lines(1, 4)}five\n${lines(6, 9)}`, 'a/b.txt')).toBe(
      '--- a/a/b.txt\n+++ b/a/b.txt\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    )
  })

  it('shows new, emptied and equal files, and missing newlines', () => {
    expect(unifiedDiff('', 'a\n', 'x')).toBe('--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n')
    expect(unifiedDiff('a\n', '', 'x')).toBe('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n')
    expect(unifiedDiff('a\n', 'a\n', 'x')).toBe('')
    expect(unifiedDiff('a\n', 'a', 'x')).toContain('-a\n+a\n\\ No newline at end of file\n')
  })

  it('parts changes that are far from each other', () => {
    const diff = unifiedDiff(lines(1, 30), `0\n${lines(1, 29)}`, 'x')
    expect(diff.match(/^@@.*/gm)).toEqual(['@@ -1,3 +1,4 @@', '@@ -27,4 +28,3 @@'])
    expect(unifiedDiff(lines(1, 8), lines(2, 7), 'x').match(/^@@.*/gm)).toEqual(['@@ -1,8 +1,6 @@'])
  })

  it('makes the one file out of the other, whatever they are', () => {
    let state = 1
    const next = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return (state >>> 8) % below
    }
    for (let round = 0; round < 300; round++) {
      const text = () => Array.from({ length: next(30) }, () => 'abc'[next(3)]).join('\n') + (next(3) ? '\n' : '')
      const before = text()
      const after = next(2) ? text() : before.replace(/b\n/, next(2) ? '' : 'x\ny\n')
      expect(patched(before, unifiedDiff(before, after, 'x'))).toBe(after)
    }
  })

  it('replaces as a whole what is too long to compare', () => {
    const [before, after] = [lines(1, 2500), lines(2501, 5000).replace('3000\n', '7\n')]
    expect(patched(before, unifiedDiff(before, after, 'x'))).toBe(after)
  })
})

describe('renderDiff', () => {
  const theme = themeOf({ background: 'dark', colours: 'none', ascii: true })

  it('fits into the width and loses nothing', () => {
    const rows = renderDiff(unifiedDiff('a\n', 'one two three four\n', 'x'), { width: 12, theme })
    expect(rows.filter((row) => cellWidth(row) > 12)).toEqual([])
    expect(rows.slice(-3)).toEqual(['-a', '+one two ', '> three four'])
  })
})
