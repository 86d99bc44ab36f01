import { describe, expect, it } from 'vitest'
import { listRefs, parseAdvertisement, reachable } from './git-remote.ts'
import type { Names } from './names.ts'

const commit = 'a'.repeat(40)
const line = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text

const names = (answer: () => Response): Names => ({
  resolve: async (host) => (host === 'git.lab.test' ? { host: '127.0.0.1', port: 8080, tls: false } : undefined),
  fetch: async () => answer(),
})

describe('references', () => {
  it('are read from what a server advertises', () => {
    const body = `${line('# service=git-upload-pack\n')}0000${line(`${commit} HEAD\0multi_ack symref=HEAD:refs/heads/main\n`)}${line(`${commit} refs/heads/main\n`)}0000`
    expect([...parseAdvertisement(Buffer.from(body))]).toEqual([
      ['HEAD', commit],
      ['refs/heads/main', commit],
    ])
    const empty = `${line('# service=git-upload-pack\n')}0000${line(`${'0'.repeat(40)} capabilities^{}\0agent=git\n`)}0000`
    expect(parseAdvertisement(Buffer.from(empty)).size).toBe(0)
  })

  it.each([
    [401, 'authentication required: no\n'],
    [403, 'authorization failed: no\n'],
    [404, 'repository not found: no\n'],
    [
      500,
      'unexpected client error: unexpected requesting "http://h/a.git/info/refs?service=git-upload-pack" status code: 500',
    ],
    [200, 'invalid pkt-len found'],
  ])('of a server that answers %i are none', async (status, message) => {
    const repository = { url: 'http://h/a.git/', auth: {}, names: names(() => new Response('no\n', { status })) }
    await expect(listRefs(repository)).rejects.toThrow(message)
  })

  it('of a server that does not answer are none', async () => {
    const cause = Object.assign(new Error(), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 1 })
    const repository = {
      url: 'http://h/a.git',
      auth: {},
      names: names(() => {
        throw new TypeError('fetch failed', { cause })
      }),
    }
    await expect(listRefs(repository)).rejects.toThrow(
      'Get "http://h/a.git/info/refs?service=git-upload-pack": dial tcp 127.0.0.1:1: connect: connection refused',
    )
  })
})

it('names of the sandbox lead to loopback, without the user that the URL names', async () => {
  const here = names(() => new Response())
  expect(await reachable(here, 'http://u:p@git.lab.test/a.git')).toEqual({
    url: 'http://127.0.0.1:8080/a.git',
    config: ['-c', 'http.extraHeader=Host: git.lab.test'],
  })
  expect(await reachable(here, 'https://example.com/a.git')).toEqual({ url: 'https://example.com/a.git', config: [] })
})
