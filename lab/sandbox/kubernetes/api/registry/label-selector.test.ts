import { describe, expect, it } from 'vitest'
import { parseLabelSelector } from './label-selector.ts'

describe('label selectors', () => {
  it.each([
    ['a=b', { a: 'b' }, true],
    ['a==b,c!=d', { a: 'b' }, true],
    ['a in (b, c),!x', { a: 'c' }, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a', {}, false],
    ['n>4', { n: '5' }, true],
    ['a=', { a: '' }, true],
    ['', { any: 'thing' }, true],
  ])('%s', (selector, labels, expected) => {
    expect(parseLabelSelector(selector)(labels as Record<string, string>)).toBe(expected)
  })

  it.each([
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ])('refuses %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message)
  })
})
