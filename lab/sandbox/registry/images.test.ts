import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { closeServer, listenOnLoopback } from '../core/http.ts'
import { Store } from '../core/store.ts'
import {
  createImageStore,
  createRegistry,
  createRegistryClient,
  digestOf,
  type ImageStore,
  parseReference,
  type Registry,
} from './index.ts'
import { DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST, OCI_INDEX } from './media-types.ts'

let directory: string
let registry: Registry
let tokens: Server
let images: ImageStore
let fetched: string[]
const credentials = { username: 'learner', password: 'right' }

/** `fetch` as it is inside the sandbox: the registry's fixed name leads to its loopback port. */
const inside = (url: string, init?: RequestInit) => {
  fetched.push(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
  return fetch(url.replace('//registry.lab.test', `//${registry.host}`), init)
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gitops-lab-images-'))
  fetched = []
  // GitLab's token endpoint: `public/*` may be read by all, all else is for who has the password.
  tokens = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://gitlab')
    const basic = request.headers.authorization
    const known = basic === `Basic ${Buffer.from('learner:right').toString('base64')}`
    if (basic && !known) {
      response.writeHead(401, { 'Content-Type': 'application/json' })
      return response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'HTTP Basic: Access denied.' }] }))
    }
    const [type, name = '', actions = ''] = (url.searchParams.get('scope') ?? '').split(':')
    const allowed = actions.split(',').filter((action) => known || (name.startsWith('public/') && action === 'pull'))
    const access =
      type === 'repository' && allowed.length > 0 ? [{ type: 'repository' as const, name, actions: allowed }] : []
    return response.end(JSON.stringify({ token: registry.issueRegistryToken(access, 'learner') }))
  })
  const port = await listenOnLoopback(tokens)
  registry = await createRegistry({
    store: Store.inMemory(),
    stateDir: join(directory, 'registry'),
    clock: new ManualClock(),
    realm: () => `http://127.0.0.1:${port}/jwt/auth`,
    log: () => {},
  })
  images = createImageStore({ directory: join(directory, 'store'), client: createRegistryClient({ fetch: inside }) })
})

afterEach(async () => {
  await registry.stop()
  await closeServer(tokens)
  rmSync(directory, { recursive: true, force: true })
})

type TarEntry = Partial<Header> & { name: string; body?: string }

async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack()
  for (const { body, ...header } of entries) tar.entry(header, body ?? '')
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function pushImage(
  reference: string,
  layers: readonly (readonly TarEntry[])[],
  wrongDiff = false,
): Promise<string> {
  const client = createRegistryClient({ fetch: inside, credentials })
  const tars = await Promise.all(layers.map(tarOf))
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-03-01T00:00:00Z',
      config: { Cmd: ['node', 'server.js'] },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => (wrongDiff ? digestOf('other') : digestOf(tar))) },
    }),
  )
  const descriptors = []
  for (const [bytes, mediaType] of [
    [config, DOCKER_CONFIG] as const,
    ...tars.map((tar) => [gzipSync(tar), DOCKER_LAYER] as const),
  ]) {
    await client.pushBlob(reference, digestOf(bytes), bytes)
    descriptors.push({ mediaType, digest: digestOf(bytes), size: bytes.length })
  }
  const [first, ...rest] = descriptors
  const manifest = { schemaVersion: 2, mediaType: DOCKER_MANIFEST, config: first, layers: rest }
  return (await client.pushManifest(reference, DOCKER_MANIFEST, Buffer.from(JSON.stringify(manifest)))).digest
}

const image = 'registry.lab.test/public/app:1.0.0'

describe('references', () => {
  it.each([
    ['nginx', 'docker.io', 'library/nginx', undefined],
    ['node:22-alpine', 'docker.io', 'library/node', '22-alpine'],
    ['registry.lab.test/learner/app:1.0.1', 'registry.lab.test', 'learner/app', '1.0.1'],
    ['localhost/app', 'localhost', 'app', undefined],
    ['127.0.0.1:5000/a/b/c:x', '127.0.0.1:5000', 'a/b/c', 'x'],
    ['argoproj/argocd', 'docker.io', 'argoproj/argocd', undefined],
  ])('%s', (text, host, repository, tag) => {
    expect(parseReference(text)).toEqual({ host, repository, tag, digest: undefined })
  })

  it.each([
    ['a/App', 'invalid reference format: repository name (a/App) must be lowercase'],
    ['', 'invalid reference format'],
    ['a:b:c', 'invalid reference format'],
    ['a@sha256:12', 'invalid reference format'],
  ])('refuses %j', (text, message) => {
    expect(() => parseReference(text)).toThrow(message)
  })
})

describe('client', () => {
  it('lists tags over pages, finds the build date and chooses a platform', async () => {
    const digest = await pushImage(image, [[{ name: 'a', body: 'a' }]])
    const client = createRegistryClient({ fetch: inside, credentials })
    const descriptor = { mediaType: DOCKER_MANIFEST, digest, size: 1 }
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          { ...descriptor, platform: { os: 'unknown', architecture: 'unknown' } },
          { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } },
        ],
      }),
    )
    await client.pushManifest('registry.lab.test/public/app:multi', OCI_INDEX, index)
    expect(await client.listTags(image)).toEqual(['1.0.0', 'multi'])
    expect((await client.image('registry.lab.test/public/app:multi')).manifestDigest).toBe(digest)
    expect(await client.created('registry.lab.test/public/app:multi')).toEqual(new Date('2026-03-01T00:00:00Z'))
  })

  it('words errors as Go clients do', async () => {
    const anonymous = createRegistryClient({ fetch: inside })
    const messageOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error: Error) => error.message,
      )
    expect(await messageOf(anonymous.listTags('registry.lab.test/public/none'))).toBe(
      'name unknown: repository name not known to registry',
    )
    expect(await messageOf(anonymous.manifest('registry.lab.test/public/none:1'))).toBe(
      'manifest unknown: manifest unknown',
    )
    expect(await messageOf(anonymous.listTags('registry.lab.test/private/app'))).toBe(
      'unauthorized: authentication required',
    )
    expect(await messageOf(anonymous.listTags('quay.io/argoproj/argocd'))).toBe(
      'Get "https://quay.io/v2/argoproj/argocd/tags/list?n=1000": dial tcp: lookup quay.io: no such host',
    )
    const wrong = createRegistryClient({ fetch: inside, credentials: { username: 'learner', password: 'wrong' } })
    expect(await messageOf(wrong.ping('registry.lab.test'))).toBe('unauthorized: HTTP Basic: Access denied.')
    await registry.stop()
    expect(await messageOf(anonymous.listTags(image))).toMatch(
      /^Get "http:.*dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    )
  })
})

describe('pulling', () => {
  it('unpacks layers in order, with whiteouts and links', async () => {
    await pushImage(image, [
      [
        { name: 'app/', type: 'directory', mode: 0o755 },
        { name: 'app/server.js', body: 'old' },
        { name: 'app/gone.js', body: 'gone' },
        { name: 'cache/a', body: 'a' },
      ],
      [
        { name: './app/server.js', body: 'new', mode: 0o755 },
        { name: 'app/.wh.gone.js' },
        { name: 'cache/.wh..wh..opq' },
        { name: 'cache/b', body: 'b' },
        { name: 'app/absolute', type: 'symlink', linkname: '/cache/b' },
        { name: 'app/relative', type: 'symlink', linkname: '../cache/b' },
        { name: 'app/hard', type: 'link', linkname: 'app/server.js' },
      ],
    ])
    const { rootfs, config } = await images.pull(image, [])
    const read = (name: string) => readFileSync(join(rootfs, name), 'utf8')
    expect([read('app/server.js'), read('app/absolute'), read('app/relative'), read('app/hard')]).toEqual([
      'new',
      'b',
      'b',
      'new',
    ])
    expect(readlinkSync(join(rootfs, 'app/absolute'))).toBe('../cache/b')
    expect([existsSync(join(rootfs, 'app/gone.js')), existsSync(join(rootfs, 'cache/a'))]).toEqual([false, false])
    expect(config.config?.Cmd).toEqual(['node', 'server.js'])
  })

  it('unpacks once for all who pull at a time, and again not at all', async () => {
    const digest = await pushImage(image, [[{ name: 'a', body: 'a' }]])
    fetched.length = 0
    const both = await Promise.all([images.pull(image, []), images.pull(image, [])])
    expect(both.map((pulled) => pulled.digest)).toEqual([digest, digest])
    expect(fetched.filter((line) => line.includes('/blobs/'))).toHaveLength(2)
    fetched.length = 0
    await images.pull(image, [])
    expect(fetched.filter((line) => line.includes('/blobs/'))).toEqual([])
    const later = createImageStore({
      directory: join(directory, 'store'),
      client: createRegistryClient({ fetch: inside }),
    })
    expect((await later.find(image))?.digest).toBe(digest)
    expect(await later.find('registry.lab.test/public/app:2')).toBeUndefined()
  })

  it.each<[string, TarEntry[], RegExp]>([
    ['a path that climbs', [{ name: '../evil', body: 'x' }], /path \.\.\/evil leads out of the image/],
    [
      'a link that climbs',
      [{ name: 'l', type: 'symlink', linkname: '../../etc' }],
      /link l to \.\.\/\.\.\/etc leads out/,
    ],
    [
      'a link that climbs by way of another',
      [
        { name: 's/', type: 'directory', mode: 0o755 },
        { name: 'a/b/d', type: 'symlink', linkname: '../../s' },
        { name: 'a/b/l', type: 'symlink', linkname: 'd/../../x' },
      ],
      /leads out of the image/,
    ],
    [
      'a file below a link that climbs',
      [
        { name: 's/', type: 'directory', mode: 0o755 },
        { name: 'a/b/d', type: 'symlink', linkname: '../../s' },
        { name: 'a/b/l', type: 'symlink', linkname: 'd/../../x' },
        { name: 'a/b/l/evil', body: 'x' },
      ],
      /leads out of the image/,
    ],
    ['a hard link to nothing', [{ name: 'h', type: 'link', linkname: 'etc/passwd' }], /hard link h to etc\/passwd/],
    ['a device', [{ name: 'dev/null', type: 'character-device' }], /dev\/null is a character-device/],
  ])('refuses %s', async (_, entries, message) => {
    await pushImage(image, [entries])
    await expect(images.pull(image, [])).rejects.toThrow(message)
    expect(await images.find(image)).toBeUndefined()
  })

  it('refuses a layer that is not what its configuration says', async () => {
    await pushImage(image, [[{ name: 'a', body: 'a' }]], true)
    await expect(images.pull(image, [])).rejects.toThrow(/wrong diff id calculated on extraction/)
  })

  it('tells why as containerd does, and uses the secrets of the registry', async () => {
    const pull = (reference: string, password?: string) =>
      images
        .pull(reference, password ? [{ registry: 'http://registry.lab.test', username: 'learner', password }] : [])
        .then(
          () => 'pulled',
          (error: Error) => error.message.replace(/^failed to pull and unpack image "[^"]+": /, ''),
        )
    await pushImage('registry.lab.test/private/app:1', [[{ name: 'a', body: 'a' }]])
    expect(await pull('registry.lab.test/private/app:1')).toBe(
      'failed to resolve reference "registry.lab.test/private/app:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    )
    expect(await pull('registry.lab.test/private/app:1', 'wrong')).toMatch(/failed to authorize: .*: 401 Unauthorized$/)
    expect(await pull('registry.lab.test/private/app:1', 'right')).toBe('pulled')
    expect(await pull('registry.lab.test/public/app:9')).toBe(
      'failed to resolve reference "registry.lab.test/public/app:9": registry.lab.test/public/app:9: not found',
    )
    expect(await pull('nginx')).toBe(
      'failed to resolve reference "docker.io/library/nginx:latest": failed to do request: Head "https://registry-1.docker.io/v2/library/nginx/manifests/latest": dial tcp: lookup registry-1.docker.io: no such host',
    )
  })
})
