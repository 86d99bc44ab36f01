import { createServer, request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webAccess } from '../../environments/web-access.ts'
import { closeServer, listenOnLoopback } from '../core/http.ts'
import { createFixture, type Fixture } from './testing.ts'

/** An address of this machine that is not loopback. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address

function ask(host: string, port: number, headers: Record<string, string>, method = 'GET'): Promise<number | string> {
  return new Promise((resolve) => {
    const call = request({ host, port, path: '/users/sign_in', method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    call.end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenOnLoopback(server)
  await closeServer(server)
  return port
}

const portOf = ({ gitlab }: Fixture): number => Number(new URL(gitlab.url).port)

describe('GitLab', () => {
  let usual: Fixture
  let open: Fixture
  beforeAll(async () => {
    usual = await createFixture()
    open = await createFixture({ web: webAccess(`${await freePort()} ab-8929.proxy.example`) })
  })
  afterAll(async () => {
    await usual?.close()
    await open?.close()
  })

  it.skipIf(!address)('listens on loopback alone unless it was told otherwise', async () => {
    expect(await ask('127.0.0.1', portOf(usual), {})).toBe(200)
    expect(await ask(address as string, portOf(usual), { host: 'localhost' })).toBe('ECONNREFUSED')
    expect(await ask(address as string, portOf(open), { host: 'localhost' })).toBe(200)
  })

  it('answers to the names of the proxy where there is one, and to no other', async () => {
    const host = 'ab-8929.proxy.example'
    expect(await ask('127.0.0.1', portOf(open), { host })).toBe(200)
    expect(await ask('127.0.0.1', portOf(open), { host: 'evil.example' })).toBe(421)
    expect(await ask('127.0.0.1', portOf(usual), { host })).toBe(421)
  })

  it('takes forms from its own pages behind the TLS of that proxy, and from no other site', async () => {
    const host = 'ab-8929.proxy.example'
    expect(await ask('127.0.0.1', portOf(open), { host, origin: `https://${host}` }, 'POST')).not.toBe(403)
    expect(await ask('127.0.0.1', portOf(open), { host, origin: 'https://evil.example' }, 'POST')).toBe(403)
  })

  it('believes what a browser says of the origin when the proxy asks by an address', async () => {
    const post = (site: string) =>
      ask('127.0.0.1', portOf(open), { origin: 'https://ab-8929.proxy.example', 'sec-fetch-site': site }, 'POST')
    expect(await post('same-origin')).not.toBe(403)
    for (const site of ['same-site', 'cross-site', '']) expect([site, await post(site)]).toEqual([site, 403])
  })
})

describe('the variable', () => {
  it('is a port and names; without it nothing is opened', () => {
    expect(webAccess(undefined)).toBeUndefined()
    expect(webAccess(' ')).toBeUndefined()
    expect(webAccess('8929 A.example  10.0.0.2')).toEqual({ port: 8929, hosts: ['a.example', '10.0.0.2'] })
    for (const odd of ['a.example', '0', '70000', '80 a/b', '-1'])
      expect(() => webAccess(odd)).toThrow(/GITOPS_LAB_WEB/)
  })
})
