// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Dockerfile words
import { describe, expect, it } from 'vitest'
import { expandWord, pairsOf, splitWords } from './words.ts'

const variables: Record<string, string> = { a: '1', empty: '', path: '/app' }
const lookup = (name: string) => variables[name]

describe('expandWord', () => {
  it.each([
    ['$a', '1'],
    ['x${a}y', 'x1y'],
    ['$none', ''],
    ['${none:-d}', 'd'],
    ['${empty:-d}', 'd'],
    ['${empty-d}', ''],
    ['${a:+set}', 'set'],
    ['${none:-${a}}', '1'],
    ["'$a'", '$a'],
    ['"$a b"', '1 b'],
    ['\\$a', '$a'],
    ['"\\$a \\n"', '$a \\n'],
    ['$path/bin', '/app/bin'],
    ['100$', '100$'],
  ])('%s → %s', (text, expected) => {
    expect(expandWord(text, lookup)).toBe(expected)
  })

  it.each([
    ['${a', 'syntax error: missing closing brace in substitution'],
    ['${a#x}', 'unsupported modifier (#x) in substitution'],
    ['${none:?give it}', 'none: give it'],
  ])('refuses %s', (text, message) => {
    expect(() => expandWord(text, lookup)).toThrow(message)
  })
})

describe('words and pairs', () => {
  it('splits outside quotes', () => {
    expect(splitWords('a "b c" d\\ e \'f g\'')).toEqual(['a', '"b c"', 'd\\ e', "'f g'"])
  })

  it('reads both forms', () => {
    expect(pairsOf('ENV', 'A=1 B="x y" C=$a', lookup, '\\')).toEqual([
      ['A', '1'],
      ['B', 'x y'],
      ['C', '1'],
    ])
    expect(pairsOf('ENV', 'A some words', lookup, '\\')).toEqual([['A', 'some words']])
    expect(() => pairsOf('ENV', 'A', lookup, '\\')).toThrow('ENV must have two arguments')
    expect(() => pairsOf('ENV', 'A=1 B', lookup, '\\')).toThrow(`can't find = in "B"`)
  })
})
