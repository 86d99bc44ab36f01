import { describe, expect, it } from 'vitest'
import { parseDotenv } from './artifacts.ts'
import { skipsPipeline } from './create.ts'
import { parseDuration } from './durations.ts'
import { isNamedBy } from './globs.ts'
import { maskWith } from './trace.ts'
import { slugOf } from './variables.ts'

describe('durations', () => {
  it.each([
    ['1h 30m', 5_400_000],
    ['90 minutes', 5_400_000],
    ['1 hour and 30 seconds', 3_630_000],
    ['600', 600_000],
    ['soon', undefined],
    ['10 parsecs', undefined],
  ])('%j is %j ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })
})

describe('path patterns', () => {
  it.each([
    ['dist/a/b.js', 'dist/', true],
    ['dist/a/b.js', 'dist', true],
    ['dist/a/b.js', '**/*.js', true],
    ['b.js', '**/*.js', true],
    ['dist/b.js', '*.js', false],
    ['distant/b.js', 'dist', false],
    ['a.log', '*.{txt,log}', true],
    ['a1.txt', 'a[0-9].txt', true],
    ['ab.txt', 'a[!0-9].txt', true],
  ])('%s is named by %s: %s', (path, pattern, named) => {
    expect(isNamedBy(path, pattern)).toBe(named)
  })
})

it('masks longer secrets first and leaves short ones', () => {
  expect(maskWith(['abcdefgh', 'abcdefgh-longer', 'short'])('abcdefgh-longer abcdefgh short')).toBe(
    '[MASKED] [MASKED] short',
  )
})

it('makes slugs as GitLab does', () => {
  expect(slugOf('Feature/Add_Login--')).toBe('feature-add-login')
})

it('knows commits that want no pipeline', () => {
  expect(['x [skip ci]', 'x [ci skip]', 'X [CI Skip] y'].every(skipsPipeline)).toBe(true)
  expect(skipsPipeline('skip ci')).toBe(false)
})

it('reads dotenv reports', () => {
  expect(parseDotenv('# comment\nA=1\n B = "two words"\nnot a line\n')).toEqual({ A: '1', B: 'two words' })
})
