import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { Store } from '../core/store.ts'
import { createRegistry, digestOf, type Registry } from './index.ts'
import { OCI_INDEX, OCI_MANIFEST } from './media-types.ts'

let directory: string
let registry: Registry
let clock: ManualClock
let pushes: unknown[]
const repository = 'learner/app'

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gitops-lab-registry-'))
  clock = new ManualClock()
  pushes = []
  registry = await createRegistry({
    store: Store.inMemory(),
    stateDir: directory,
    clock,
    realm: () => 'http://127.0.0.1:1/jwt/auth',
    onPush: (push) => pushes.push(push),
    log: () => {},
  })
})

afterEach(async () => {
  await registry.stop()
  rmSync(directory, { recursive: true, force: true })
})

const token = (actions = ['pull', 'push', 'delete'], name = repository) =>
  registry.issueRegistryToken([{ type: 'repository', name, actions }], 'learner')

type Init = RequestInit & { token?: string | null }
const call = (path: string, { token: given, ...init }: Init = {}) =>
  fetch(`http://${registry.host}${path}`, {
    ...init,
    headers: { ...(given === null ? {} : { Authorization: `Bearer ${given ?? token()}` }), ...init.headers },
  })

const errorOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { code: string; message: string; detail: unknown }[] }
  return [response.status, errors[0]?.code, errors[0]?.message]
}

async function pushBlob(
  content: string,
  name = repository,
): Promise<{ digest: string; size: number; mediaType: string }> {
  const digest = digestOf(content)
  const response = await call(`/v2/${name}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: content,
    token: token(undefined, name),
  })
  expect(response.status).toBe(201)
  return { digest, size: content.length, mediaType: 'application/octet-stream' }
}

async function pushImage(tag: string, created = '2026-01-01T00:00:00Z'): Promise<string> {
  const config = await pushBlob(JSON.stringify({ created, tag }))
  const layer = await pushBlob(`layer of ${tag}`)
  const body = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] })
  const headers = { 'Content-Type': OCI_MANIFEST }
  const response = await call(`/v2/${repository}/manifests/${tag}`, { method: 'PUT', body, headers })
  expect(response.status).toBe(201)
  return response.headers.get('docker-content-digest') as string
}

describe('tokens', () => {
  it('challenges an anonymous client with the token server of GitLab', async () => {
    const base = await call('/v2/', { token: null })
    expect(base.status).toBe(401)
    expect(base.headers.get('www-authenticate')).toBe(
      'Bearer realm="http://127.0.0.1:1/jwt/auth",service="container_registry"',
    )
    const push = await call(`/v2/${repository}/blobs/uploads/`, { method: 'POST', token: null })
    expect(push.headers.get('www-authenticate')).toContain('scope="repository:learner/app:pull,push"')
    expect(await errorOf(push)).toEqual([401, 'UNAUTHORIZED', 'authentication required'])
  })

  it('accepts a token for its scope, for 15 minutes', async () => {
    await pushImage('1.0.0')
    const pull = token(['pull'])
    expect((await call('/v2/', { token: pull })).status).toBe(200)
    expect((await call(`/v2/${repository}/tags/list`, { token: pull })).status).toBe(200)
    const push = await call(`/v2/${repository}/blobs/uploads/`, { method: 'POST', token: pull })
    expect(push.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    expect((await call('/v2/other/tags/list', { token: pull })).status).toBe(401)
    await clock.advance(15 * 60_000)
    const late = await call('/v2/', { token: pull })
    expect(late.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('refuses a forged token and a foreign host name', async () => {
    const [header, payload] = token().split('.')
    expect((await call('/v2/', { token: `${header}.${payload}.AAAA` })).status).toBe(401)
    expect((await call('/v2/', { token: 'nonsense' })).status).toBe(401)
    const status = await new Promise((resolve) =>
      request({ port: registry.port, path: '/v2/', headers: { Host: 'evil.example' } }, (r) =>
        resolve(r.resume().statusCode),
      ).end(),
    )
    expect(status).toBe(421)
  })
})

describe('blobs', () => {
  it('takes an upload in chunks and gives it back whole, in part and as headers', async () => {
    const begun = await call(`/v2/${repository}/blobs/uploads/`, { method: 'POST' })
    expect(begun.status).toBe(202)
    const location = begun.headers.get('location') as string
    const first = await call(location, { method: 'PATCH', body: 'hello ', headers: { 'Content-Range': '0-5' } })
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-5'])
    const gap = await call(location, { method: 'PATCH', body: 'x', headers: { 'Content-Range': '9-9' } })
    expect(await errorOf(gap)).toEqual([416, 'RANGE_INVALID', 'invalid content range'])
    expect((await call(location)).headers.get('range')).toBe('0-5')
    const digest = digestOf('hello world')
    const done = await call(`${location}?digest=${digest}`, { method: 'PUT', body: 'world' })
    expect([done.status, done.headers.get('docker-content-digest')]).toEqual([201, digest])

    const whole = await call(`/v2/${repository}/blobs/${digest}`)
    expect(await whole.text()).toBe('hello world')
    const part = await call(`/v2/${repository}/blobs/${digest}`, { headers: { Range: 'bytes=6-' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 6-10/11', 'world'])
    const head = await call(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '11'])
  })

  it('refuses content of another digest and forgets it', async () => {
    const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf('expected')}`
    const wrong = await call(path, { method: 'POST', body: 'found' })
    expect(await errorOf(wrong)).toEqual([400, 'DIGEST_INVALID', 'provided digest did not match uploaded content'])
    expect((await call(`/v2/${repository}/blobs/${digestOf('expected')}`)).status).toBe(404)
  })

  it('mounts a blob only for who may read it where it is', async () => {
    const { digest } = await pushBlob('shared', 'learner/other')
    const path = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=learner/other`
    expect((await call(path, { method: 'POST' })).status).toBe(202)
    const both = registry.issueRegistryToken(
      [
        { type: 'repository', name: repository, actions: ['pull', 'push'] },
        { type: 'repository', name: 'learner/other', actions: ['pull'] },
      ],
      'learner',
    )
    expect((await call(path, { method: 'POST', token: both })).status).toBe(201)
    expect((await call(`/v2/${repository}/blobs/${digest}`)).status).toBe(200)
    expect((await call(`/v2/${repository}/blobs/${digest}`, { method: 'DELETE' })).status).toBe(202)
    expect((await call(`/v2/${repository}/blobs/${digest}`)).status).toBe(404)
  })

  it('knows an upload only in its own repository', async () => {
    const begun = await call(`/v2/${repository}/blobs/uploads/`, { method: 'POST' })
    const elsewhere = (begun.headers.get('location') as string).replace(repository, 'learner/other')
    const answer = await call(elsewhere, { method: 'PATCH', body: 'x', token: token(undefined, 'learner/other') })
    expect(await errorOf(answer)).toEqual([404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry'])
    const unread = `http://${registry.host}${begun.headers.get('location')}`
    expect((await fetch(unread, { method: 'DELETE', headers: { Authorization: `Bearer ${token()}` } })).status).toBe(
      204,
    )
  })
})

describe('manifests and tags', () => {
  it('keeps bytes and type, by tag and by digest, and tells of the push', async () => {
    const digest = await pushImage('1.0.1', '2026-02-03T04:05:06Z')
    const byTag = await call(`/v2/${repository}/manifests/1.0.1`)
    expect(byTag.headers.get('content-type')).toBe(OCI_MANIFEST)
    expect(digestOf(await byTag.text())).toBe(digest)
    const head = await call(`/v2/${repository}/manifests/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('docker-content-digest')]).toEqual([200, digest])
    expect(pushes).toEqual([{ repository, tag: '1.0.1', digest }])
    expect(registry.repositories('learner/app')).toEqual([{ name: repository, createdAt: '2026-01-01T00:00:00.000Z' }])
    expect(registry.repositories('learner/ap')).toEqual([])
    const [tag] = registry.tags(repository)
    expect(tag).toMatchObject({ name: '1.0.1', digest, createdAt: '2026-02-03T04:05:06.000Z' })
    expect(tag?.size).toBeGreaterThan(300)
  })

  it('refuses what names missing blobs, has another digest or is no manifest', async () => {
    const put = (reference: string, body: unknown, type = OCI_MANIFEST) =>
      call(`/v2/${repository}/manifests/${reference}`, {
        method: 'PUT',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'Content-Type': type },
      }).then(errorOf)
    const missing = { mediaType: 'x', digest: digestOf('missing'), size: 7 }
    const manifest = { schemaVersion: 2, config: missing, layers: [] }
    expect(await put('a', manifest)).toEqual([400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'])
    expect((await put(digestOf('other'), manifest))[1]).toBe('DIGEST_INVALID')
    expect((await put('a', '{'))[1]).toBe('MANIFEST_INVALID')
    expect((await put('a', manifest, 'text/plain'))[1]).toBe('MANIFEST_INVALID')
    expect((await put('a', { ...manifest, mediaType: OCI_INDEX }))[1]).toBe('MANIFEST_INVALID')
    expect((await put('a', { schemaVersion: 2, manifests: [missing] }, OCI_INDEX))[1]).toBe('MANIFEST_BLOB_UNKNOWN')
    expect(registry.repositories('')).toEqual([])
  })

  it('lists tags in pages and answers for what it does not know', async () => {
    expect(await errorOf(await call(`/v2/${repository}/tags/list`))).toEqual([
      404,
      'NAME_UNKNOWN',
      'repository name not known to registry',
    ])
    for (const tag of ['1.0.2', '1.0.10', 'latest']) await pushImage(tag)
    expect(await (await call(`/v2/${repository}/tags/list`)).json()).toEqual({
      name: repository,
      tags: ['1.0.10', '1.0.2', 'latest'],
    })
    const page = await call(`/v2/${repository}/tags/list?n=2`)
    expect(page.headers.get('link')).toBe(`</v2/${repository}/tags/list?last=1.0.2&n=2>; rel="next"`)
    const last = await call(`/v2/${repository}/tags/list?n=2&last=1.0.2`)
    expect([last.headers.get('link'), await last.json()]).toEqual([null, { name: repository, tags: ['latest'] }])
    expect(await errorOf(await call(`/v2/${repository}/manifests/nope`))).toEqual([
      404,
      'MANIFEST_UNKNOWN',
      'manifest unknown',
    ])
    expect((await call('/v2/_catalog')).status).toBe(403)
    expect((await errorOf(await call('/v2/Learner/app/tags/list')))[1]).toBe('NAME_INVALID')
  })

  it('deletes a tag alone, or a manifest with its tags', async () => {
    const digest = await pushImage('1.0.0')
    const remove = (reference: string) => call(`/v2/${repository}/manifests/${reference}`, { method: 'DELETE' })
    expect((await remove('1.0.0')).status).toBe(202)
    expect((await call(`/v2/${repository}/manifests/${digest}`)).status).toBe(200)
    await pushImage('1.0.0')
    expect((await remove(digest)).status).toBe(202)
    expect(registry.tags(repository)).toEqual([])
    await pushImage('1.0.3')
    expect([registry.deleteTag(repository, '1.0.3'), registry.deleteTag(repository, '1.0.3')]).toEqual([true, false])
  })

  it('lists what refers to a manifest', async () => {
    const digest = await pushImage('1.0.0')
    const config = await pushBlob('{}')
    const subject = { mediaType: OCI_MANIFEST, digest, size: 1 }
    const body = JSON.stringify({ schemaVersion: 2, artifactType: 'application/x', config, layers: [], subject })
    const headers = { 'Content-Type': OCI_MANIFEST }
    const put = await call(`/v2/${repository}/manifests/${digestOf(body)}`, { method: 'PUT', body, headers })
    expect([put.status, put.headers.get('oci-subject')]).toEqual([201, digest])
    const list = (await (await call(`/v2/${repository}/referrers/${digest}`)).json()) as { manifests: unknown[] }
    expect(list.manifests).toEqual([
      { mediaType: OCI_MANIFEST, digest: digestOf(body), size: body.length, artifactType: 'application/x' },
    ])
  })
})
