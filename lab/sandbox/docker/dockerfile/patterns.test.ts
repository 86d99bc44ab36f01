import { describe, expect, it } from 'vitest'
import { ignoredBy, patternToRegExp } from './patterns.ts'

describe('patterns', () => {
  it.each([
    ['*.js', 'a.js', true],
    ['*.js', 'lib/a.js', false],
    ['**/*.js', 'a.js', true],
    ['**/*.js', 'lib/deep/a.js', true],
    ['lib/**', 'lib/deep/a.js', true],
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['a.js', 'abjs', false],
    ['a\\*', 'a*', true],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(patternToRegExp(pattern).test(path)).toBe(matches)
  })

  it('refuses an open bracket', () => {
    expect(() => patternToRegExp('[a')).toThrow('syntax error in pattern')
  })
})

describe('.dockerignore', () => {
  const ignored = ignoredBy('# comment\n\nnode_modules\n*.md\n!README.md\n/.git/\nsecret/**\n!secret/public.txt\n')
  it.each([
    ['node_modules/x/index.js', true],
    ['lib/node_modules', false],
    ['NOTES.md', true],
    ['README.md', false],
    ['.git/config', true],
    ['secret/key', true],
    ['secret/public.txt', false],
    ['server.js', false],
  ])('%s: %s', (path, expected) => {
    expect(ignored(path)).toBe(expected)
  })
})
