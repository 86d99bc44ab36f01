import xterm from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { Painter } from './painter.ts'

const ERASE = '\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[G'

function screen(rows = 5, columns = 10) {
  const size = { rows, columns }
  const terminal = new xterm.Terminal({ rows, cols: columns, allowProposedApi: true })
  terminal.write('\x1b[?7l')
  const painter = new Painter(() => size)
  const write = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve))
  return {
    painter,
    write,
    resize(columns: number, rows: number) {
      Object.assign(size, { columns, rows })
      terminal.resize(columns, rows)
    },
    rows: () =>
      Array.from({ length: size.rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? ''),
    scrolled: () => terminal.buffer.active.baseY,
  }
}

describe('painter', () => {
  it('shows the latest frame, whatever was shown before', async () => {
    const { painter, write, rows, scrolled } = screen()
    await write(painter.paint('one\ntwo\nthree\n'))
    expect(rows()).toEqual(['one', 'two', 'three', '', ''])
    await write(painter.paint(`${ERASE}one\n2\n`))
    expect(rows()).toEqual(['one', '2', '', '', ''])
    await write(painter.paint('a\nb\nc\nd\ne\nf\ng\n'))
    expect(rows()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(scrolled()).toBe(0)
  })

  it('writes only rows that differ', () => {
    const { painter } = screen()
    painter.paint('one\ntwo\nthree\n')
    const update = painter.paint(`${ERASE}one\n2\nthree\n`)
    expect(update).toContain('\x1b[2;1H')
    expect(update).not.toMatch(/one|three/)
    expect(painter.paint(`${ERASE}one\n2\nthree\n`)).toBe('')
  })

  it('ignores what only erases, moves or shows the cursor', () => {
    const { painter } = screen()
    painter.paint('one\n')
    for (const chunk of [ERASE, '\x1b[?25h', '\x1b[?25l', '\x1b[?2026h', '\x1b[?2026l', '\x1b[2J\x1b[3J\x1b[H']) {
      expect(painter.paint(chunk)).toBe('')
    }
  })

  it.each([
    ['clearing with the scrollback', '\x1b[2J\x1b[3J\x1b[Hab'],
    ['leaving the alternate screen', '\x1b[?1049lab\x1b[?47l'],
    ['a reset', '\x1bcab'],
    ['a title', '\x1b]0;title\x07ab\x1b]8;;\x1b\\'],
    ['controls', 'a\r\b\x07\x00b'],
    ['a sequence cut short', 'ab\x1b[12'],
  ])('lets through the text but not %s', (_, chunk) => {
    const { painter } = screen(1)
    expect(painter.paint(chunk)).toBe('\x1b[?2026h\x1b[1;1H\x1b[0m\x1b[2Kab\x1b[0m\x1b[?2026l')
  })

  it('keeps colours, and none reaches the next row', async () => {
    const { painter, write, rows } = screen()
    const update = painter.paint('\x1b[31mred\n\x1b[38:2::1:2:3mtrue\n')
    expect(update).toContain('\x1b[0m\x1b[2K\x1b[31mred\x1b[2;1H\x1b[0m\x1b[2K\x1b[38:2::1:2:3mtrue')
    await write(update)
    expect(rows().slice(0, 2)).toEqual(['red', 'true'])
  })

  it('keeps the last column of a row as wide as the screen', async () => {
    const { painter, write, rows } = screen(2)
    await write(painter.paint('0123456789\n漢字漢字漢\n'))
    await write(painter.paint('9876543210\n漢字漢字漢\n'))
    expect(rows()).toEqual(['9876543210', '漢字漢字漢'])
  })

  it('repaints everything where the screen may show anything', async () => {
    const { painter, write, rows, resize } = screen()
    await write(painter.paint('one\ntwo\n'))
    await write('\x1b[2J\x1b[3;3Hnoise')
    await write(painter.repaint())
    expect(rows()).toEqual(['one', 'two', '', '', ''])
    resize(6, 7)
    await write(painter.repaint())
    expect(rows()).toEqual(['one', 'two', '', '', '', '', ''])
  })
})
