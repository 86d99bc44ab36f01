import { expect, it } from 'vitest'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'

it('has the dictionary that clients announce in their first header block', () => {
  let [a, b] = [1, 0]
  for (const byte of SPDY_DICTIONARY) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  expect((b * 65536 + a).toString(16)).toBe('e3c6a7c2')
})
