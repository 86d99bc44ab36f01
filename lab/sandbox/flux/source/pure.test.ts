import { describe, expect, it } from 'vitest'
import { revisionOf, shortMessage, targetOf } from '../git/reference.ts'
import { ignoreFilter } from './ignore.ts'

const a = 'a'.repeat(40)
const b = 'b'.repeat(40)

describe('references', () => {
  const refs = new Map([
    ['HEAD', a],
    ['refs/heads/main', a],
    ['refs/tags/v1.0.0', b],
    ['refs/tags/v1.0.0^{}', a],
    ['refs/tags/v1.4.0', b],
  ])
  it.each([
    [{ branch: 'main' }, `main@sha1:${a}`],
    [{ tag: 'v1.0.0' }, `v1.0.0@sha1:${a}`],
    [{ semver: '1.x', branch: 'main' }, `v1.4.0@sha1:${b}`],
    [{ name: 'refs/tags/v1.4.0', semver: '1.x' }, `refs/tags/v1.4.0@sha1:${b}`],
  ])('%j means %s', (reference, revision) => {
    const target = targetOf(reference, refs)
    if (target.kind !== 'reference') throw new Error(target.kind)
    expect(revisionOf(reference, target)).toBe(revision)
  })

  it.each([
    [{ branch: 'develop' }, 'couldn\'t find remote ref "refs/heads/develop"'],
    [{}, 'couldn\'t find remote ref "refs/heads/master"'],
    [{ tag: 'v9' }, 'couldn\'t find remote ref "refs/tags/v9"'],
    [{ semver: '>=9' }, 'no match found for semver: >=9'],
    [{ name: 'refs/x' }, "unable to resolve ref 'refs/x' to a specific commit"],
  ])('%j is missing: %s', (reference, message) => {
    expect(targetOf(reference, refs)).toEqual({ kind: 'missing', message })
  })

  it('a commit has a revision of its own, with the branch if one is named', () => {
    expect(revisionOf({ commit: a }, { sha: a, reference: undefined })).toBe(`sha1:${a}`)
    expect(revisionOf({ commit: a, branch: 'main' }, { sha: a, reference: 'refs/heads/main' })).toBe(`main@sha1:${a}`)
  })

  it('long subjects are cut', () => {
    expect(shortMessage('first\n\nbody')).toBe('first')
    expect(shortMessage('x'.repeat(51))).toBe(`${'x'.repeat(50)}...`)
  })
})

describe('files that are left out', () => {
  const ignored = (path: string, spec?: string, files: { folder: string; text: string }[] = []) =>
    ignoreFilter(files, spec)(path)

  it.each([
    ['.gitignore', undefined, true],
    ['docs/logo.png', undefined, true],
    ['.github/workflows/ci.yaml', undefined, true],
    ['.gitlab-ci.yml', undefined, true],
    ['apps/.flux.yaml', undefined, true],
    ['apps/web.yaml', undefined, false],
    ['apps/web.yaml', '/*\n!/deploy\n', true],
    ['deploy/web.yaml', '/*\n!/deploy\n', false],
    ['a/b/secret.txt', '*.txt', true],
    ['a/b/secret.txt', '/b', false],
    ['a/b/c.yaml', 'a/**/c.yaml', true],
    ['b/c.yaml', 'b/', true],
    ['logo.png', '!logo.png', false],
    ['x1.yaml', 'x[0-9].yaml', true],
  ])('%s with %j: %s', (path, spec, left) => {
    expect(ignored(path, spec)).toBe(left)
  })

  it('a .sourceignore counts for its own folder', () => {
    const files = [{ folder: 'apps', text: 'test.yaml\n' }]
    expect(ignored('apps/x/test.yaml', undefined, files)).toBe(true)
    expect(ignored('test.yaml', undefined, files)).toBe(false)
  })
})
