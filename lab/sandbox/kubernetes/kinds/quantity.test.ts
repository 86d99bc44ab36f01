import { describe, expect, it } from 'vitest'
import { addQuantities, canonicalQuantity, compareQuantities, isQuantity } from './quantity.ts'

describe('quantities', () => {
  it.each([
    ['0.1', '100m'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1500Mi', '1500Mi'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['0.5Gi', '512Mi'],
    ['2e3', '2e3'],
    ['1E', '1E'],
    ['0', '0'],
    ['00.50', '500m'],
    ['-2', '-2'],
    ['512', '512'],
    ['1.5Ki', '1536'],
  ])('%s is written %s', (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical)
  })

  it('are compared and added by amount', () => {
    expect(compareQuantities('1', '1000m')).toBe(0)
    expect(compareQuantities('1Gi', '1G')).toBe(1)
    expect(addQuantities('100m', '0.9')).toBe('1')
    expect(addQuantities('512Mi', '512Mi')).toBe('1Gi')
    expect(addQuantities('0', '64Mi')).toBe('64Mi')
  })

  it.each(['lots', '', '1 Gi', '1gi', '1.2.3', '--1'])('%j is none', (text) => {
    expect(isQuantity(text)).toBe(false)
  })
})
