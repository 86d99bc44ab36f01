import { expect, it } from 'vitest'
import { unifiedDiff } from './line-diff.ts'

const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`)
const text = (...all: (string | string[])[]) => `${all.flat().join('\n')}\n`

it('is empty when nothing differs', () => {
  expect(unifiedDiff('', '')).toBe('')
  expect(unifiedDiff(text('a', 'b'), text('a', 'b'))).toBe('')
})

it('shows changes with three lines around them, close ones together', () => {
  const before = text(lines(1, 20))
  const after = text(lines(1, 4), 'five', lines(6, 8), lines(10, 20), 'more')
  expect(unifiedDiff(before, after).split('\n')).toEqual([
    '@@ -2,11 +2,10 @@',
    ...[' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8', '-9', ' 10', ' 11', ' 12'],
    '@@ -18,3 +17,4 @@',
    ...[' 18', ' 19', ' 20', '+more'],
  ])
})

it('shows what is new and what is gone as a whole', () => {
  expect(unifiedDiff('', text('a', 'b'))).toBe('@@ -0,0 +1,2 @@\n+a\n+b')
  expect(unifiedDiff(text('a', 'b'), '')).toBe('@@ -1,2 +0,0 @@\n-a\n-b')
})

it('shows long texts as replaced between what is equal at both ends', () => {
  const middle = lines(1, 2100)
  const diff = unifiedDiff(text('a', 'x', middle, 'y', 'z'), text('a', 'X', middle, 'Y', 'z')).split('\n')
  expect(diff.slice(0, 4)).toEqual(['@@ -1,2104 +1,2104 @@', ' a', '-x', '-1'])
  expect(diff.slice(-2)).toEqual(['+Y', ' z'])
})
