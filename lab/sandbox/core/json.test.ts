import { describe, expect, it } from 'vitest'
import { applyMergePatch, mergePatch } from './json.ts'

describe('a merge patch', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1, b: 2 }, { a: 1 }, { b: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    [{ a: [1] }, { a: [1, 2] }, { a: [1, 2] }],
    [{}, { a: undefined }, undefined],
  ])('from %j to %j is %j', (before, after, patch) => {
    expect(mergePatch(before, after)).toEqual(patch)
    expect(applyMergePatch(before, patch ?? {})).toEqual(after)
  })
})
