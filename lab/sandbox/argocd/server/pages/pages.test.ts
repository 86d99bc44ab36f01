import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SECRETS, secretText } from '../../../core/kube-objects.ts'
import { configMap, World } from '../../testing/world.ts'

const EVIL = '<script>alert(1)</script>'
const APP = '/applications/argocd/shown'

const world = new World()
let cookie = ''
let form = ''
let commits: string[] = []

const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 8000, interval: 10 })
const open = (path: string, init: RequestInit = {}) => {
  const url = `http://127.0.0.1:${world.ports.get('argocd-server:8080')}${path}`
  return fetch(url, { redirect: 'manual', ...init, headers: { cookie, ...(init.headers as Record<string, string>) } })
}
const page = async (path: string) => (await open(path)).text()
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  open(path, { method: 'POST', body: new URLSearchParams(fields), headers })

beforeAll(async () => {
  await world.startAll()
  commits = [await world.git.commit('shown', { 'app/a.json': configMap('a', { x: EVIL }) }, `Say ${EVIL}`)]
  await world.createApplication('shown', 'shown')
  await until(async () => expect((await world.application('shown')).status?.sync?.status).toBe('OutOfSync'))
})
afterAll(() => world.stop())

describe('logging in', () => {
  it('is asked of who comes without a session', async () => {
    const answer = await open('/applications/argocd/shown')
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `/login?return_url=${encodeURIComponent(APP)}`,
    ])
    expect((await send(APP, { action: 'sync' })).headers.get('location')).toBe('/login')
    expect((await world.application('shown')).operation).toBeUndefined()
  })

  it('wants the password, and gives the cookie of the API', async () => {
    const wrong = await send('/login', { username: 'admin', password: 'wrong' })
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('Invalid username or password')])
    const secret = await world.kube.get(SECRETS, 'argocd-initial-admin-secret', 'argocd')
    const password = secretText(secret, 'password') ?? ''
    const fields = { username: 'admin', password, return_url: '//evil.test' }
    expect((await send('/login', fields, { origin: 'http://evil.test' })).status).toBe(403)
    const answer = await send('/login', fields)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/applications'])
    expect(answer.headers.get('set-cookie')).toMatch(/^argocd\.token=[^;]+; path=\/; SameSite=lax; httpOnly$/)
    cookie = answer.headers.get('set-cookie')?.split(';')[0] as string
    form = /name="form" value="([^"]+)"/.exec(await page(APP))?.[1] as string
  })
})

describe('an Application', () => {
  it('is in the list and on its own page, with what others wrote as text', async () => {
    expect(await page('/applications')).toMatch(/href="\/applications\/argocd\/shown"[\s\S]*OutOfSync/)
    const html = await page(APP)
    expect(html).toContain('Say &lt;script&gt;')
    expect(html).toContain('+  x: &lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain(EVIL)
    expect((await open('/applications/shown')).headers.get('location')).toBe(APP)
    expect((await open('/applications/other/shown')).status).toBe(404)
    expect((await open('/applications/argocd/none')).status).toBe(403)
  })

  it('is synced by a form of the same session only', async () => {
    expect((await send(APP, { action: 'sync', form: 'x' })).status).toBe(400)
    expect((await send(APP, { action: 'sync', form }, { origin: 'http://127.0.0.1:1' })).status).toBe(403)
    expect((await world.application('shown')).status?.history).toBeUndefined()
    expect((await send(APP, { action: 'sync', form })).status).toBe(303)
    await until(async () => expect(await page(APP)).toMatch(/Synced[\s\S]*There is none\.[\s\S]*configmap\/a created/))
  })

  it('is refreshed, and rolled back to what was deployed before', async () => {
    commits.push(await world.git.commit('shown', { 'app/a.json': configMap('a', { x: 'two' }) }))
    expect((await send(APP, { action: 'refresh', form })).status).toBe(303)
    expect(await page(APP)).toContain('OutOfSync')
    await send(APP, { action: 'sync', form })
    await until(async () => expect((await world.application('shown')).status?.history).toHaveLength(2))
    await until(async () => expect(await page(APP)).toContain('name="id" value="0"'))
    await until(async () => expect((await send(APP, { action: 'rollback', id: '0', form })).status).toBe(303))
    await until(async () => expect((await world.configMap('a'))['data']).toEqual({ x: EVIL }))
  })

  it('says what the API refuses', async () => {
    const refused = await send(APP, { action: 'sync', revision: 'nowhere', form })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('role="alert"')
    expect(await (await send(APP, { action: 'dance', form })).text()).toContain('expected is one of the actions')
  })
})

describe('logging out', () => {
  it('takes the cookie away', async () => {
    const answer = await send('/logout', { form })
    expect(answer.headers.get('set-cookie')).toMatch(/^argocd\.token=; .*max-age=0/)
  })

  it('leaves the API as it was: no page answers for it', async () => {
    expect((await open('/api/v1/nothing', { headers: { cookie } })).status).toBe(404)
    expect((await open('/api/v1/applications', { headers: { cookie: '' } })).status).toBe(401)
  })
})
