import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

describe('durations', () => {
  it.each([
    ['30s', 30_000, '30s'],
    ['1h', 3_600_000, '1h0m0s'],
    ['1m30s', 90_000, '1m30s'],
    ['500ms', 500, '500ms'],
    ['1.5s', 1500, '1.5s'],
    ['10m', 600_000, '10m0s'],
    ['0', 0, '0s'],
    ['250us', 0.25, '250µs'],
  ])('%s is %i ms and printed %s', (text, ms, printed) => {
    expect(parseDuration(text)).toBe(ms)
    expect(formatDuration(ms)).toBe(printed)
  })

  it('refuses what Go refuses', () => {
    expect(() => parseDuration('soon')).toThrow('time: invalid duration "soon"')
    expect(() => parseDuration('1d')).toThrow(RangeError)
    expect(() => parseDuration('')).toThrow(RangeError)
  })
})
