import { describe, expect, it } from 'vitest'
import { OutputLog } from './output-log.ts'

const logOf = (...chunks: readonly string[]) => {
  const log = new OutputLog()
  log.begin(1, '$ x')
  for (const chunk of chunks) log.append(1, chunk)
  return log
}

describe('the output log', () => {
  it('wraps what comes as it would wrap all at once, at any width', () => {
    const chunks = ['one\ntw', 'o is longer than the row\n', '10 %\r', '20 %\r100 %\n', '汉字汉字汉字', '\n', 'last']
    const log = new OutputLog()
    log.begin(1, '$ x')
    for (const chunk of chunks) {
      log.append(1, chunk)
      log.rowsAt(10)
    }
    expect(log.rowsAt(10)).toEqual(logOf(...chunks).rowsAt(10))
    expect(log.rowsAt(7)).toEqual(logOf(...chunks).rowsAt(7))
    expect(log.rowsAt(10)).toEqual(logOf(...chunks).rowsAt(10))
  })

  it('goes on when the oldest lines give way', () => {
    const log = logOf()
    for (let at = 0; at < 12_000; at++) {
      log.append(1, `${at}\n`)
      if (at % 700 === 0) log.rowsAt(20)
    }
    const rows = log.rowsAt(20)
    expect(rows[0]).toBe('$ x')
    expect(rows.at(-1)).toBe('11999')
    expect(rows.length).toBe(5001)
    expect(rows[1]).toBe('7000')
  })

  it('keeps runs apart, and says how each ended', () => {
    const log = logOf('a\n')
    log.begin(2, '$ y')
    log.append(2, 'b\n')
    log.append(1, 'c\n')
    log.end(1, ['done'])
    expect(log.rowsAt(20)).toEqual(['$ x', 'a', 'c', 'done', '', '$ y', 'b'])
  })
})

it('keeps what nobody ran together, however much of it comes between commands', () => {
  const log = new OutputLog()
  log.begin(1, '$ first')
  for (let at = 0; at < 100; at++) log.begin(undefined, `drift ${at}`)
  log.begin(2, '$ second')
  const rows = log.rowsAt(40)
  expect(rows.slice(0, 4)).toEqual(['$ first', '', 'drift 0', 'drift 1'])
  expect(rows.slice(-3)).toEqual(['drift 99', '', '$ second'])
})
