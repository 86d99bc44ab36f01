import { describe, expect, it } from 'vitest'
import { chooseTag } from './choose.ts'
import { credentialsIn } from './credentials.ts'
import { readyMessage } from './policy.ts'
import { parseImageName } from './reference.ts'
import { registryErrorText } from './registry.ts'
import { tagListOf } from './scan.ts'

const tags = ['1.0.0', '1.1.0', '1.2.0-rc.1', 'latest', 'main-7-abc']

it('the checksum is that of the real controller', () => {
  const list = tagListOf([...tags, 'sha256-1.sig'], ['^.*\\.sig$'])
  expect(list.tags).toEqual(['main-7-abc', 'latest', '1.2.0-rc.1', '1.1.0', '1.0.0'])
  expect(list.checksum).toBe('2067205329')
  expect(tagListOf([...tags, '1.3.0'], []).checksum).toBe('3799060017')
})

describe('policies', () => {
  it.each([
    [{ semver: { range: '1.x' } }, undefined, '1.1.0'],
    [{ semver: { range: '>=1.2.0-0 <1.3.0' } }, undefined, '1.2.0-rc.1'],
    [{ numerical: { order: 'asc' as const } }, { pattern: '^main-(?P<n>[0-9]+)-', extract: '$n' }, 'main-7-abc'],
    [{ alphabetical: { order: 'desc' as const } }, undefined, '1.0.0'],
    [{ alphabetical: {} }, { pattern: '^1\\.' }, '1.2.0-rc.1'],
  ])('%j with %j choose %s', (policy, filter, tag) => {
    expect(chooseTag(policy, filter, tags)).toBe(tag)
  })

  it.each([
    [{ semver: { range: '>=9' } }, undefined, 'unable to determine latest version from provided list'],
    [{ alphabetical: {} }, { pattern: '^v' }, 'version list argument cannot be empty'],
    [{ semver: { range: 'one' } }, undefined, 'invalid policy: improper constraint: "one"'],
    [{}, undefined, 'invalid policy: given ImagePolicyChoice object is invalid'],
    [{ numerical: {} }, undefined, "failed to parse invalid numeric value '1.0.0'"],
    [{ alphabetical: {} }, { pattern: '(' }, "failed to filter tags: invalid regular expression pattern '('"],
  ])('%j with %j say %s', (policy, filter, message) => {
    expect(() => chooseTag(policy, filter, tags)).toThrow(message)
  })

  it('tell the choice and the one before', () => {
    const name = 'registry.lab.test/root/app'
    expect(readyMessage({ name, tag: '1.0.1' }, undefined)).toBe(`Latest image tag for ${name} resolved to 1.0.1`)
    expect(readyMessage({ name, tag: '1.0.2', digest: 'sha256:1' }, { name, tag: '1.0.1' })).toBe(
      `Latest image tag for ${name} resolved to 1.0.2 with digest sha256:1 (previously ${name}:1.0.1)`,
    )
  })
})

describe('image repositories', () => {
  it.each([
    ['registry.lab.test/root/app', 'registry.lab.test/root/app'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app'],
    ['alpine', 'index.docker.io/library/alpine'],
    ['docker.io/me/app', 'index.docker.io/me/app'],
  ])('%s is %s in full', (image, canonical) => {
    expect(parseImageName(image).canonical).toBe(canonical)
  })

  it.each([
    ['http://registry/web', "image 'http://registry/web' should not include URL scheme; remove 'http://'"],
    ['registry:5000/web:1.0', "image 'registry:5000/web:1.0' should not include a tag; remove ':1.0'"],
    ['registry:5000/Web', 'could not parse reference: registry:5000/Web'],
  ])('%s is refused: %s', (image, message) => {
    expect(() => parseImageName(image)).toThrow(message)
  })
})

it('finds credentials by host', () => {
  const auth = Buffer.from('me:se:cret').toString('base64')
  const config = JSON.stringify({ auths: { 'https://registry.lab.test/v2/': { auth } } })
  expect(credentialsIn(config, 'registry.lab.test')).toEqual({ username: 'me', password: 'se:cret' })
  expect(credentialsIn(config, 'other')).toBeUndefined()
})

it('words registry errors as go-containerregistry does', () => {
  const url = 'http://registry.lab.test/v2/root/app/tags/list?n=1000'
  const errors = [
    { code: 'NAME_UNKNOWN', message: 'repository name not known to registry', detail: { name: 'root/app' } },
  ]
  expect(registryErrorText({ method: 'GET', url, status: 404, errors })).toBe(
    `GET ${url}: NAME_UNKNOWN: repository name not known to registry; map[name:root/app]`,
  )
  const refused = Object.assign(new Error('Get "http://127.0.0.1:9/v2/a/tags/list?n=1000": bad port'), {
    method: 'GET',
    url: 'http://127.0.0.1:9/v2/a/tags/list?n=1000',
    status: 0,
    errors: [],
  })
  const why = 'dial tcp 127.0.0.1:9: connect: connection refused'
  expect(registryErrorText(refused)).toBe(`Get "https://127.0.0.1:9/v2/": ${why}; Get "http://127.0.0.1:9/v2/": ${why}`)
})
