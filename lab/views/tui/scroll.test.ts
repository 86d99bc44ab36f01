import { describe, expect, it } from 'vitest'
import { END, firstRow, scrollBy, scrollTo, TOP } from './scroll.ts'

const extent = { total: 100, height: 10 }

describe('scrolling', () => {
  it.each([
    ['from the top', TOP, 5, { offset: 5, follow: false }],
    ['beyond the top', TOP, -5, { offset: 0, follow: false }],
    ['beyond the end', TOP, 500, { offset: 90, follow: true }],
    ['up from the end', END, -3, { offset: 87, follow: false }],
    ['down at the end', END, 3, { offset: 90, follow: true }],
  ])('%s', (_, scroll, rows, expected) => expect(scrollBy(scroll, rows, extent, true)).toEqual(expected))

  it('follows by nature only', () => expect(scrollBy(TOP, 500, extent, false).follow).toBe(false))

  it('shows the end of what it follows, whatever comes, and all of what is short', () => {
    expect(firstRow(END, { total: 1000, height: 10 })).toBe(990)
    expect(firstRow({ offset: 50, follow: false }, { total: 5, height: 10 })).toBe(0)
  })

  it.each([
    ['what is in sight', { from: 2, to: 5 }, 0],
    ['what is below', { from: 12, to: 15 }, 5],
    ['what is higher than the pane, from its beginning', { from: 20, to: 60 }, 20],
    ['the end', { from: 99, to: 100 }, 90],
  ])('goes to %s', (_, rows, offset) => expect(firstRow(scrollTo(TOP, rows, extent), extent)).toBe(offset))
})
