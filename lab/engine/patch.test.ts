import { describe, expect, it } from 'vitest'
import { applyPatch, patchProblem } from './patch.ts'

const FILE = 'one\ntwo\nthree\nfour\n'

describe('applyPatch', () => {
  it.each([
    ['replaces a line', FILE, ' one\n-two\n+2\n three', 'one\n2\nthree\nfour\n'],
    ['adds below a line', FILE, ' four\n+five', 'one\ntwo\nthree\nfour\nfive\n'],
    ['adds above a line', FILE, '+zero\n one', 'zero\none\ntwo\nthree\nfour\n'],
    ['removes a line', FILE, ' two\n-three\n four', 'one\ntwo\nfour\n'],
    ['takes several hunks', FILE, '@@ -1 +1 @@\n-one\n+1\n@@\n-four\n+4', '1\ntwo\nthree\n4\n'],
    ['makes a file', '', '+new', 'new\n'],
    ['keeps a missing last newline', 'a\nb', '-b\n+c', 'a\nc'],
    ['finds the second of two like places by its context', 'a\nx\nb\nx\n', ' b\n-x\n+y', 'a\nx\nb\ny\n'],
  ])('%s', (_, before, diff, after) => {
    expect(applyPatch(before, diff)).toEqual({ kind: 'changed', content: after })
    expect(applyPatch(after, diff)).toEqual({ kind: 'already' })
  })

  it('does not add twice what is added in the middle', () => {
    const diff = ' one\n+one and a half\n two'
    const once = applyPatch(FILE, diff)
    expect(once.kind === 'changed' && applyPatch(once.content, diff)).toEqual({ kind: 'already' })
  })

  it('says what it expected where the file reads otherwise', () => {
    expect(applyPatch(FILE, ' nine\n-ten\n+11')).toEqual({ kind: 'conflict', expected: 'nine\nten' })
  })
})

describe('patchProblem', () => {
  it.each([
    ['-a\n+b', undefined],
    ['a\n+b', 'line 1 of the diff begins with neither " ", "+", "-" nor "@@"'],
    ['--- a/x\n+++ b/x\n-a', 'a diff is written without its file headers'],
    [' a', 'the diff changes nothing'],
  ])('%j: %s', (diff, problem) => expect(patchProblem(diff)).toBe(problem))
})
