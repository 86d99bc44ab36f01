import { describe, expect, it } from 'vitest'
import { cellWidth } from './cell.ts'
import { Feed } from './sanitize.ts'

const read = (...chunks: string[]): readonly string[] => {
  const feed = new Feed()
  for (const chunk of chunks) feed.append(chunk)
  return feed.lines()
}

describe('Feed', () => {
  it.each<[string, string, string[]]>([
    ['lines, the last one unfinished', 'one\ntwo\r\nthr', ['one', 'two', 'thr']],
    ['an empty line', 'a\n\n', ['a', '']],
    ['a progress bar', '10%\r20% of it\r30%\ndone', ['30%', 'done']],
    ['a bar that erases its line', '10%\r\u001b[K\nnext', ['', 'next']],
    ['a carriage return at the end', '10%\r', ['10%']],
    ['erasing the line', 'abc\u001b[2Kd', ['d']],
    ['erasing to the end, where nothing is', 'abc\u001b[Kd', ['abcd']],
    ['backspaces', 'ab\b\bc|\b/\b-', ['c-']],
    ['a backspace over a wide character', 'a👍\bb', ['ab']],
    ['a backspace before a colour ends', '\u001b[31mab\u001b[0m\bc', ['\u001b[31ma\u001b[39mc']],
    ['tabs', 'a\tb\n日\tc', ['a       b', '日      c']],
    ['colours, closed', '\u001b[31mred', ['\u001b[31mred\u001b[39m']],
    ['colours over lines', '\u001b[1ma\nb\u001b[0m c', ['\u001b[1ma\u001b[22m', '\u001b[1mb\u001b[22m c']],
    [
      'cursor movements, clearing, alternate screen, mouse',
      '\u001b[2J\u001b[3J\u001b[10;10Ha\u001b[?1049h\u001b[?1000hb',
      ['ab'],
    ],
    [
      'titles, clipboard and links',
      '\u001b]0;t\u0007a\u001b]52;c;eA==\u001b\\b\u001b]8;;http://x\u0007c\u001b]8;;\u0007',
      ['abc'],
    ],
    ['DCS, APC and others', '\u001bPq#0\u001b\\a\u001b_x\u001b\\b\u001b^y\u0018c', ['abc']],
    ['an unfinished string, up to the end of its line', '\u001b]0;never\nb', ['', 'b']],
    ['character sets, saved cursors, reset', '\u001b(Ba\u001b7b\u001bc', ['ab']],
    ['eight-bit codes', '\u009b2Ja\u009b31mb\u009d0;t\u009cc', ['a\u001b[31mbc\u001b[39m']],
    ['controls', '\u0000a\u0007\u000b\u000cb\u007f\u0085', ['ab']],
    ['a code that is broken off', 'a\u001b[3\nb', ['a3', 'b']],
    ['halves of surrogate pairs', 'a\ud800b\udc00', ['a\ufffdb\ufffd']],
    ['turning the direction', 'a\u202eb\u2066c', ['abc']],
    ['what broken UTF-8 was decoded to', 'a\ufffdb', ['a\ufffdb']],
  ])('takes %s', (_, text, lines) => {
    expect(read(text)).toEqual(lines)
  })

  it('makes the same of a text however it is parted', () => {
    const text =
      'a\u001b[1;38;5;208mb\r\nc👍\u001b]0;title\u001b\\d\re\u001b[0m\u009b32mf\u001b(B\tg\u001bPx\u0007h\u001b[2Ki'
    const whole = read(text)
    expect(whole).toHaveLength(2)
    expect(read(...Array.from({ length: text.length }, (_, at) => text[at]!))).toEqual(whole)
    for (let at = 1; at < text.length; at++) expect(read(text.slice(0, at), text.slice(at))).toEqual(whole)
  })

  it('keeps the last 5,000 lines and says how many gave way', () => {
    const feed = new Feed()
    for (let line = 0; line < 12_345; line++) feed.append(`${line}\n`)
    expect(feed.lines()).toHaveLength(5_000)
    expect([feed.lines()[0], feed.lines().at(-1), feed.dropped]).toEqual(['7345', '12344', 7_345])
  })

  it('counts its versions', () => {
    const feed = new Feed()
    feed.append('a')
    feed.append('')
    feed.append('b')
    expect(feed.version).toBe(2)
  })

  it('does not hand out what it goes on writing to', () => {
    const feed = new Feed()
    feed.append('a\n')
    const lines = feed.lines()
    feed.append('b\n')
    expect(lines).toEqual(['a'])
  })

  it.each([
    ['a long line', 'x'.repeat(1_000_000)],
    ['a long line of wide characters', '日'.repeat(200_000)],
    ['combining characters', `a${'\u0301'.repeat(500_000)}`],
    ['colours', '\u001b[38;2;1;2;3mx\u001b[0my'.repeat(50_000)],
    ['parameters', `\u001b[${'1;'.repeat(100_000)}m`],
    ['a code without end', `\u001b[${'1;'.repeat(100_000)}`],
    ['a string without end', `\u001b]0;${'t'.repeat(500_000)}`],
    ['backspaces', `${'y'.repeat(3_000)}${'x\b'.repeat(50_000)}`],
    ['escapes', '\u001b'.repeat(500_000)],
    ['binary', Array.from({ length: 300_000 }, (_, at) => String.fromCharCode((at * 7919) % 256)).join('')],
  ])('is not hurt by %s', (_, bomb) => {
    const feed = new Feed()
    feed.append(bomb)
    feed.append('\nafter')
    const lines = feed.lines()
    expect(lines.at(-1)?.replace(/\u001b\[[\d;]*m/g, '')).toBe('after')
    expect(lines.filter((line) => cellWidth(line) > 4_000 || line.length > 20_100)).toEqual([])
    expect(lines.filter((line) => /[\u0000-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[[\d;]*m)/.test(line))).toEqual(
      [],
    )
  })

  it('holds a bounded amount of text', () => {
    const feed = new Feed()
    for (let line = 0; line < 2_000; line++) feed.append(`${'x'.repeat(3_900)}\n`)
    const total = feed.lines().reduce((sum, line) => sum + line.length, 0)
    expect(total).toBeLessThanOrEqual(4_000_000)
    expect(feed.dropped + feed.lines().length).toBe(2_000)
  })

  it('says where a line is cut', () => {
    const [line] = read('x'.repeat(5_000))
    expect(cellWidth(line!)).toBe(4_000)
    expect(line!.endsWith('x…')).toBe(true)
  })
})
