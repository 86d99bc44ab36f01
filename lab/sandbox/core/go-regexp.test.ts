import { expect, it } from 'vitest'
import { goRegExp } from './go-regexp.ts'

it.each([
  ['^(?P<n>[0-9]+)-', '7-a', true],
  ['(?i)^MAIN', 'main-1', true],
  ['a\\(?=b', 'a=b', true],
  ['^v', '1', false],
])('%s on %s', (pattern, text, matches) => {
  expect(goRegExp(pattern).test(text)).toBe(matches)
})

it.each(['(', 'a(?=b)', '(?<!a)b', '(a)\\1'])('%s is no expression of Go', (pattern) => {
  expect(() => goRegExp(pattern)).toThrow(SyntaxError)
})
