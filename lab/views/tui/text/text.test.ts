import { describe, expect, it } from 'vitest'
import { cellWidth, graphemes } from './cell.ts'
import { chop, cut, fitted, wrap } from './fit.ts'
import { applySgr, NO_STYLE } from './sgr.ts'

const SGR = /\u001b\[[\d;:]*m/g
const bare = (text: string) => text.replace(SGR, '')
const red = (text: string) => `\u001b[31m${text}\u001b[39m`

/** A sequence that is the same in each run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }
}

const PIECES = [
  ...['a', 'be', ' ', '  ', 'word', 'longer-than-most-panes-are-wide', '\t', '\n', '/path/to/a/file.yaml', '.'],
  ...['日本語', '한국어', 'é', 'e\u0301', 'น้ำ', 'क्षि', 'ｶﾞ', '👍🏽', '👩‍👩‍👧', '🇨🇭', '❤️', '✓', '…', '│', '1️⃣'],
  ...['\u200b', '\u00ad', '\u0301', '\ud800', '\udc00', '\u0007', '\r', '\u009b'],
  ...['\u001b[1m', '\u001b[31m', '\u001b[0m', '\u001b[38;5;208;4m', '\u001b[48;2;1;2;3m', '\u001b[m', '\u001b[22;39m'],
  ...['\u001b[38:2::9:8:7m', '\u001b[5m', '\u001b[38;5m', '\u001b[2J', '\u001b]0;t\u0007', '\u001b'],
]

const texts = Array.from({ length: 150 }, (_, seed) => {
  const next = random(seed)
  return Array.from({ length: 1 + next() * 40 }, () => PIECES[Math.floor(next() * PIECES.length)]).join('')
})
const WIDTHS = [1, 2, 3, 7, 20, 80]

/** What of a text is to be seen again: neither spaces nor what has no width by itself. */
const visible = (text: string) =>
  graphemes(text)
    .filter(({ text, width }) => width > 0 && text.trim() !== '')
    .map(({ text }) => text)
    .join('')

const isClosed = (row: string) =>
  [...row.matchAll(SGR)].reduce((style, [code]) => applySgr(style, code), NO_STYLE).size === 0

describe('cellWidth', () => {
  it.each([
    ['plain', 5],
    ['', 0],
    [red('plain'), 5],
    ['日本語', 6],
    ['e\u0301', 1],
    ['👍', 2],
    ['👍🏽', 2],
    ['👩‍👩‍👧', 2],
    ['🇨🇭', 2],
    ['❤️', 2],
    ['❤', 1],
    ['1️⃣', 2],
    ['한', 2],
    ['\u1112\u1161\u11ab', 2],
    ['\u200b', 0],
    ['a\u0007b', 2],
    ['─│…→✓', 5],
    ['\ud800', 1],
  ])('%j takes %i cells', (text, width) => {
    expect(cellWidth(text)).toBe(width)
    expect(graphemes(text).reduce((sum, grapheme) => sum + grapheme.width, 0)).toBe(width)
  })

  it('keeps what belongs together in one grapheme', () => {
    expect(graphemes(`e\u0301${red('👩‍👩‍👧')}`).map(({ text }) => text)).toEqual([
      'e\u0301',
      '\u001b[31m',
      '👩‍👩‍👧',
      '\u001b[39m',
    ])
  })
})

describe.each(WIDTHS)('any text in %i cells', (width) => {
  const rowsOf = (make: (text: string) => readonly string[]) => texts.map((text) => ({ text, rows: make(text) }))

  it.each([
    ['wrap', (text: string) => wrap(text, width)],
    ['wrap with its indent', (text: string) => wrap(`  ${text}`, width, { keepIndent: true })],
    ['chop', (text: string) => chop(text, width, '…')],
    ['cut', (text: string) => [cut(text, width)]],
  ])('%s makes no row too wide, leaves no code open, and writes nothing but SGR', (_, make) => {
    const bad = rowsOf(make).filter(({ rows }) =>
      rows.some((row) => cellWidth(row) > width || !isClosed(row) || /[\u0000-\u001f\u007f-\u009f]/.test(bare(row))),
    )
    expect(bad).toEqual([])
  })

  it('fitted is exactly so wide', () => {
    expect(texts.filter((text) => cellWidth(fitted(text, width)) !== width)).toEqual([])
  })

  it.runIf(width > 2)('wrap and chop lose nothing that is to be seen', () => {
    const wrapped = texts.filter((text) => visible(wrap(text, width).join('')) !== visible(text))
    const lines = texts.flatMap((text) => text.split('\n'))
    const chopped = lines.filter((line) => visible(chop(line, width).join('')) !== visible(line))
    expect({ wrapped, chopped }).toEqual({ wrapped: [], chopped: [] })
  })
})

describe('wrap', () => {
  it('breaks at spaces, and words only where they are too long', () => {
    expect(wrap('one two  three', 8)).toEqual(['one two', 'three'])
    expect(wrap('a abcdefghij b', 4)).toEqual(['a', 'abcd', 'efgh', 'ij b'])
    expect(wrap('日本語 ab', 5)).toEqual(['日本', '語 ab'])
    expect(wrap('', 5)).toEqual([''])
    expect(wrap('a\n\nb', 5)).toEqual(['a', '', 'b'])
  })

  it('opens codes again in the next row, and lines after it', () => {
    expect(wrap('\u001b[31mone two\nthree\u001b[0m four', 5)).toEqual([red('one'), red('two'), red('three'), 'four'])
  })

  it('keeps the indent of a line in its rows if asked', () => {
    expect(wrap('  one two', 6, { keepIndent: true })).toEqual(['  one', '  two'])
    expect(wrap('  one two', 6)).toEqual(['  one', 'two'])
  })

  it('counts tabs to every eighth column', () => {
    expect(wrap('a\tb', 20)).toEqual(['a       b'])
  })
})

describe('cut and chop', () => {
  it('say where something is missing, or goes on', () => {
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('日本語', 4)).toBe('日…')
    expect(cut(red('abcdef'), 4)).toBe(red('abc…'))
    expect(cut('abcd', 4)).toBe('abcd')
    expect(cut('abcdef', 4, '~')).toBe('abc~')
    expect(chop('a  bcdef', 4, '+')).toEqual(['a  b', '+cde', '+f'])
  })
})
