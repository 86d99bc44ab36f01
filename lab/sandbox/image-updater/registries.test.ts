import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { createRegistryClient } from '../registry/index.ts'
import { createRegistries } from './registries.ts'
import { readRegistries } from './registries-conf.ts'
import { parseImage } from './select/image.ts'
import { FakeKube } from './testing/fake-kube.ts'

describe('registries', () => {
  let asked: string[]
  let password: string
  let clock: ManualClock
  let kube: FakeKube
  let warnings: string[]
  const tags = ['c', 'a', 'b']

  beforeEach(() => {
    asked = []
    password = 'first'
    clock = new ManualClock()
    kube = new FakeKube()
    warnings = []
  })

  const registries = (conf: string) =>
    createRegistries({
      fetch: async (url, init) => {
        const { authorization = '' } = Object.fromEntries(new Headers(init?.headers))
        if (url.includes('private') && authorization !== `Basic ${btoa(`u:${password}`)}`) {
          return new Response('{}', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="r"' } })
        }
        asked.push(url)
        return Response.json({ tags })
      },
      client: createRegistryClient,
      configured: readRegistries(conf, () => undefined),
      kube,
      env: new Map([['LOGIN', 'u:first']]),
      clock,
      signal: new AbortController().signal,
    })
  const own = (more = '') =>
    `registries:\n- {name: own, prefix: own.test, api_url: "http://own.test:5000", ${more}}\n- {name: team, prefix: own.test/team, api_url: "http://team.test"}`

  const look = async (conf: string, image: string, strategy: 'newest-build' | 'semver' = 'semver') => {
    const parsed = parseImage(image)
    const endpoint = registries(conf).endpoint(parsed)
    const credentials = await endpoint.credentials(undefined, (text) => warnings.push(text))
    return endpoint.candidates(credentials, parsed, strategy, {}, () => {})
  }

  it.each([
    [own(), 'own.test/app', 'http://own.test:5000/v2/app/tags/list'],
    [own('defaultns: library'), 'own.test/app', 'http://own.test:5000/v2/library/app/tags/list'],
    [own('defaultns: library'), 'own.test/learner/app', 'http://own.test:5000/v2/learner/app/tags/list'],
    [own('default: true'), 'app', 'http://own.test:5000/v2/app/tags/list'],
    ['registries:\n- {name: all, api_url: "http://all.test"}', 'other.test/app', 'http://all.test/v2/app/tags/list'],
    [own(), 'registry.lab.test/app', 'http://registry.lab.test/v2/app/tags/list'],
  ])('%j finds %s', async (conf, image, url) => {
    await look(conf, image)
    expect(asked).toEqual([`${url}?n=1000`])
  })

  it.each([
    [
      'app',
      'Get "https://registry-1.docker.io/v2/library/app/tags/list?n=1000": dial tcp: lookup registry-1.docker.io',
    ],
    ['other.test/app', 'Get "https://other.test/v2/app/tags/list?n=1000": dial tcp: lookup other.test: no such host'],
  ])('goes by https to what is not configured: %s', async (image, message) => {
    await expect(look(own(), image)).rejects.toThrow(message)
  })

  it('refuses what the sandbox cannot do', async () => {
    await expect(look(own('credentials: ext:/a.sh'), 'own.test/app')).rejects.toThrow(
      'registry own cannot be used in this sandbox',
    )
  })

  it.each([
    ['latest-first', { c: 3, a: 2, b: 1 }],
    ['latest-last', { c: 0, a: 1, b: 2 }],
  ])('takes the order %s for the time, and looks into no image', async (order, times) => {
    const found = await look(own(`tagsortmode: ${order}`), 'own.test/app', 'newest-build')
    expect([Object.fromEntries(found.map(({ tag, created }) => [tag, created])), asked.length]).toEqual([times, 1])
  })

  it('sends no more requests a second than allowed', async () => {
    const endpoint = registries(own('limit: 2')).endpoint(parseImage('own.test/app'))
    const all = [1, 2, 3].map(() => endpoint.candidates(undefined, parseImage('own.test/app'), 'semver', {}, () => {}))
    await clock.advance(499)
    expect(asked.length).toBe(1)
    await clock.advance(501)
    await Promise.all(all)
    expect(asked.length).toBe(3)
  })

  it('reads credentials once, again when they expire, and again when they are refused before', async () => {
    const secret = (value: string) =>
      kube.put('secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'own', namespace: 'argocd' },
        data: { login: btoa(value) },
      })
    const image = parseImage('own.test/private')
    const endpointOf = (more: string) =>
      registries(own(`credentials: "secret:argocd/own#login", ${more}`)).endpoint(image)
    const ask = async (endpoint: ReturnType<typeof endpointOf>) =>
      endpoint.candidates(await endpoint.credentials(undefined, () => {}), image, 'semver', {}, () => {})

    secret('u:first')
    const lasting = endpointOf('')
    const expiring = endpointOf('credsexpire: 1h')
    await ask(lasting)
    await ask(expiring)
    secret('u:second')
    password = 'second'
    const refused = await ask(lasting).catch((error) => error)
    expect(refused).toMatchObject({ status: 401 })
    expect([lasting.forget(refused), expiring.forget(new Error('other'))]).toEqual([false, false])
    await expect(ask(expiring)).rejects.toThrow()
    expect(expiring.forget(refused)).toBe(true)
    await ask(expiring)

    secret('u:third')
    password = 'third'
    await clock.advance(3_600_000)
    await ask(expiring)
  })

  it.each([
    ['none', 'invalid credential spec: none', 'Invalid credential reference specified: none'],
    ['vault:x', 'unknown credential source: vault', 'Invalid credential reference specified: vault:x'],
    ['secret:argocd/own', 'invalid secret definition: argocd/own', 'Invalid credential reference specified'],
    ['env:NONE', "could not fetch credentials: env 'NONE' is not set", 'Could not fetch credentials: could not fetch'],
    [
      'pullsecret:argocd/none',
      `could not fetch secret 'none' from namespace 'argocd' (field: '.dockerconfigjson'): secrets "none" not found`,
      'Could not fetch credentials: could not fetch secret',
    ],
  ])('tells of credentials %s', async (reference, message, warning) => {
    await expect(look(own(`credentials: "${reference}"`), 'own.test/app')).rejects.toThrow(message)
    expect(warnings).toEqual([expect.stringContaining(warning)])
  })

  it('takes credentials of the environment, and of a pull secret by the URL or host of the registry', async () => {
    const pullSecret = (key: string) =>
      kube.put('secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'pull', namespace: 'argocd' },
        data: { '.dockerconfigjson': btoa(JSON.stringify({ auths: { [key]: { auth: btoa('u:first') } } })) },
      })
    await look(own('credentials: "env:LOGIN"'), 'own.test/private')
    for (const key of ['own.test:5000', 'http://own.test:5000/v2/']) {
      pullSecret(key)
      await look(own('credentials: "pullsecret:argocd/pull"'), 'own.test/private')
    }
    expect(asked.length).toBe(3)
    pullSecret('other.test')
    await expect(look(own('credentials: "pullsecret:argocd/pull"'), 'own.test/private')).rejects.toThrow(
      'no valid auth entry for registry http://own.test:5000 found in image pull secret',
    )
  })
})
