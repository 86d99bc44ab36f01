import { Terminal } from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { Cast } from './cast.ts'
import { svgOf } from './svg.ts'

describe('a recording', () => {
  const record = (frames: readonly (readonly [at: number, ...rows: readonly string[]])[]) => {
    const lines: string[] = []
    const cast = new Cast({ columns: 20, rows: 3, title: 't', idle: 1000, write: (line) => lines.push(line) })
    for (const [at, ...rows] of frames) cast.frame(rows, at)
    cast.end()
    const [header, ...events] = lines.map((line) => JSON.parse(line))
    return { header, events: events as [number, string, string][] }
  }

  it('plays to the last frame in a terminal of its size', async () => {
    const { header, events } = record([
      [0, 'one', 'two'],
      [40, 'one', '\u001b[31mthree\u001b[39m', 'four'],
    ])
    expect(header).toMatchObject({ version: 2, width: 20, height: 3 })
    expect(events.every(([, kind]) => kind === 'o')).toBe(true)
    const terminal = new Terminal({ cols: header.width, rows: header.height, allowProposedApi: true })
    for (const [, , bytes] of events.slice(0, -1)) terminal.write(bytes)
    await new Promise<void>((resolve) => terminal.write('', resolve))
    const rows = [0, 1, 2].map((row) => terminal.buffer.active.getLine(row)?.translateToString(true))
    expect(rows).toEqual(['one', 'three', 'four'])
  })

  it('tells time from its beginning, cuts pauses, and knows no clock that goes back', () => {
    const { events } = record([
      [1_700_000_000_000, 'a'],
      [1_700_000_000_040, 'b'],
      [1_700_000_000_040, 'b'],
      [1_700_000_060_040, 'c'],
      [1_600_000_000_000, 'd'],
      [1_600_000_000_500, 'e'],
    ])
    expect(events.map(([at]) => at)).toEqual([0, 0, 0.04, 1.04, 1.04, 1.54, 2.54])
  })

  it('shows each frame as if nothing had been there before, and writes only what changed', async () => {
    const frames = [
      ['\u001b[1mone\u001b[22m two three 0.1 s', 'below'],
      ['\u001b[1mone\u001b[22m two three 0.2 s', 'below'],
      ['one', '', '\u001b[7m full width of row  \u001b[27m'],
      ['漢字 wide', 'a 漢'],
      ['a漢字wide', '\u001b[31mx\u001b[39m\u001b[2Jy', '漢'],
      ['plain again', 'x', '字'],
    ]
    const { events } = record(frames.map((rows, at) => [at, ...rows] as const))
    const screen = () => new Terminal({ cols: 20, rows: 3, allowProposedApi: true })
    const seen = async (terminal: Terminal, ...bytes: readonly string[]) => {
      for (const one of bytes) terminal.write(one)
      await new Promise<void>((resolve) => terminal.write('', resolve))
      return [0, 1, 2].map((row) =>
        Array.from({ length: 20 }, (_, column) => {
          const cell = terminal.buffer.active.getLine(row)?.getCell(column)
          return [cell?.getChars() || ' ', cell?.getFgColor(), cell?.isBold(), cell?.isInverse()]
        }),
      )
    }
    const played = screen()
    const writes = events.slice(0, -1).map(([, , bytes]) => bytes)
    await seen(played, writes.shift() as string)
    for (const [at, rows] of frames.entries()) {
      const fresh = rows.map((row, y) => `\u001b[${y + 1}H\u001b[0m${row.replace('\u001b[2J', '[2J')}`)
      expect(await seen(played, writes[at] as string)).toEqual(await seen(screen(), ...fresh))
    }
    expect(writes[1]).toBe('\u001b[1;17H\u001b[0m2')
  })
})

describe('a picture', () => {
  const textOf = (svg: string) => [...svg.matchAll(/<text ([^>]*)>([^<]*)</g)].map(([, looks, text]) => [text, looks])

  it('has each run of a style at its place, in its colours', () => {
    const svg = svgOf(['plain \u001b[1;38;2;95;215;135mgood\u001b[0m', '\u001b[7mbar\u001b[27m <&>'], {
      columns: 20,
      title: 'A "b"',
    })
    expect(textOf(svg)).toEqual([
      ['plain', 'x="12" y="25.5" textLength="42"'],
      ['good', 'x="62.4" y="25.5" textLength="33.6" fill="#5fd787" font-weight="bold"'],
      ['bar', 'x="12" y="43.5" textLength="25.2" fill="#1e1e1e"'],
      ['&lt;&amp;&gt;', 'x="45.6" y="43.5" textLength="25.2"'],
    ])
    expect(svg).toContain('<title>A\u00a0&quot;b&quot;</title>')
    expect(svg).toContain('<rect x="12" y="30" width="25.2" height="18" fill="#d4d4d4"/>')
  })

  it('gives wide characters two cells, and leaves blanks out', () => {
    expect(textOf(svgOf(['  \u001b[1m \u001b[22m', '漢字x'], { columns: 9, title: '' }))).toEqual([
      ['漢', 'x="12" y="43.5" textLength="16.8"'],
      ['字', 'x="28.8" y="43.5" textLength="16.8"'],
      ['x', 'x="45.6" y="43.5" textLength="8.4"'],
    ])
  })

  it.each([
    ['31', '#f14c4c'],
    ['97', '#ffffff'],
    ['38;5;196', '#ff0000'],
    ['38;5;244', '#808080'],
    ['38;5;9', '#f14c4c'],
  ])('knows the colour %s', (code, colour) => {
    expect(svgOf([`\u001b[${code}mx`], { columns: 1, title: '' })).toContain(`fill="${colour}">x<`)
  })
})
