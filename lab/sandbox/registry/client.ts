import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digestOf } from './digest.ts'
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  MANIFEST_TYPES,
  type OciConfig,
} from './media-types.ts'
import { parseReference, type Reference, selectorOf } from './reference.ts'
import { type Credentials, errorOf, RegistryError, Transport, type TransportOptions } from './transport.ts'

export type Manifest = {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
  readonly content: ImageManifest | ImageIndex
}

/** A manifest of one platform, and the digest that the reference itself led to (the index's, if it is one). */
export type ResolvedImage = {
  readonly digest: string
  readonly manifestDigest: string
  readonly manifest: ImageManifest
}

/** `linux/amd64` */
export type Platform = string

/**
 * What controllers, the kubelet and docker do with a registry. References are texts or taken apart; without a tag or
 * digest they mean `latest`. All methods throw `RegistryError`, and check digests of what they read.
 */
export interface RegistryClient {
  /** A client of the same registries with other credentials. */
  withCredentials(credentials: Credentials | undefined): RegistryClient
  /** Whether the credentials are accepted, as `docker login` asks it. */
  ping(host: string): Promise<void>
  /** All tags of the repository, in the registry's order, over all pages. */
  listTags(reference: Reference | string): Promise<readonly string[]>
  manifest(reference: Reference | string): Promise<Manifest>
  /** The image for a platform (default linux/amd64, or the first of an index that lacks it). */
  image(reference: Reference | string, platform?: Platform): Promise<ResolvedImage>
  config(reference: Reference | string, platform?: Platform): Promise<OciConfig>
  /** When the image was built; undefined if it does not say. */
  created(reference: Reference | string, platform?: Platform): Promise<Date | undefined>
  blob(reference: Reference | string, digest: string): Promise<Buffer>
  /** Writes a blob to a file. */
  blobToFile(reference: Reference | string, digest: string, path: string, signal?: AbortSignal): Promise<void>
  /** Uploads a blob unless the repository has it; true if it had to. */
  pushBlob(reference: Reference | string, digest: string, bytes: Buffer, signal?: AbortSignal): Promise<boolean>
  pushManifest(reference: Reference | string, mediaType: string, bytes: Buffer): Promise<{ digest: string }>
}

export function createRegistryClient(options: TransportOptions): RegistryClient {
  const transport = new Transport(options)
  const parsed = (reference: Reference | string) =>
    typeof reference === 'string' ? parseReference(reference) : reference

  async function request(
    reference: Reference,
    actions: string,
    path: string,
    init: RequestInit = {},
  ): Promise<Response> {
    const scope = `repository:${reference.repository}:${actions}`
    const below = path.startsWith('/') || /^https?:/.test(path) ? path : `/v2/${reference.repository}/${path}`
    const response = await transport.request(reference.host, scope, below, init)
    if (response.ok || (response.status === 404 && init.method === 'HEAD')) return response
    throw await errorOf(init.method ?? 'GET', new URL(below, transport.url(reference.host, '')).href, response)
  }

  const mismatch = (reference: Reference, path: string, expected: string, found: string) =>
    new RegistryError(
      'GET',
      transport.url(reference.host, `${reference.repository}/${path}`),
      200,
      [],
      `failed to verify content: expected digest ${expected}, got ${found}`,
    )

  async function manifest(of: Reference | string): Promise<Manifest> {
    const reference = parsed(of)
    const path = `manifests/${selectorOf(reference)}`
    const response = await request(reference, 'pull', path, { headers: { Accept: MANIFEST_TYPES.join(', ') } })
    const bytes = Buffer.from(await response.arrayBuffer())
    const digest = digestOf(bytes)
    const expected = reference.digest ?? response.headers.get('docker-content-digest') ?? digest
    if (digest !== expected) throw mismatch(reference, path, expected, digest)
    const mediaType = response.headers.get('content-type')?.split(';')[0] ?? ''
    return { digest, mediaType, bytes, content: JSON.parse(bytes.toString('utf8')) }
  }

  async function blob(of: Reference | string, digest: string): Promise<Buffer> {
    const reference = parsed(of)
    const response = await request(reference, 'pull', `blobs/${digest}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    if (digestOf(bytes) !== digest) throw mismatch(reference, `blobs/${digest}`, digest, digestOf(bytes))
    return bytes
  }

  async function image(of: Reference | string, platform = 'linux/amd64'): Promise<ResolvedImage> {
    const reference = parsed(of)
    const first = await manifest(reference)
    if (!isIndexType(first.mediaType)) {
      return { digest: first.digest, manifestDigest: first.digest, manifest: first.content as ImageManifest }
    }
    const chosen = choosePlatform((first.content as ImageIndex).manifests, platform)
    if (!chosen)
      throw new RegistryError(
        'GET',
        transport.url(reference.host, reference.repository),
        200,
        [],
        `no match for platform in manifest ${first.digest}: not found`,
      )
    const child = await manifest({ ...reference, digest: chosen.digest })
    return { digest: first.digest, manifestDigest: child.digest, manifest: child.content as ImageManifest }
  }

  async function config(of: Reference | string, platform?: Platform): Promise<OciConfig> {
    const { manifest } = await image(of, platform)
    return JSON.parse((await blob(of, manifest.config.digest)).toString('utf8'))
  }

  return {
    withCredentials: (credentials) => createRegistryClient({ ...options, credentials }),
    manifest,
    blob,
    image,
    config,

    async ping(host) {
      const response = await transport.request(host, '', '/v2/')
      if (!response.ok) throw await errorOf('GET', transport.url(host, ''), response)
      await response.body?.cancel()
    },

    async listTags(of) {
      const reference = parsed(of)
      const tags: string[] = []
      for (let next: string | undefined = 'tags/list?n=1000'; next; ) {
        const response: Response = await request(reference, 'pull', next)
        tags.push(...(((await response.json()) as { tags: string[] | null }).tags ?? []))
        next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
      }
      return tags
    },

    async created(of, platform) {
      const { created } = await config(of, platform)
      return created === undefined ? undefined : new Date(created)
    },

    async blobToFile(of, digest, path, signal) {
      const reference = parsed(of)
      const response = await request(reference, 'pull', `blobs/${digest}`, { signal })
      const hash = createHash('sha256')
      const meter = new Transform({
        transform(chunk, _, done) {
          hash.update(chunk)
          done(null, chunk)
        },
      })
      const body = response.body ? Readable.fromWeb(response.body as never) : Readable.from([])
      await pipeline(body, meter, createWriteStream(path), { signal })
      const found = `sha256:${hash.digest('hex')}`
      if (found !== digest) throw mismatch(reference, `blobs/${digest}`, digest, found)
    },

    async pushBlob(of, digest, bytes, signal) {
      const reference = parsed(of)
      const actions = 'pull,push'
      const head = await request(reference, actions, `blobs/${digest}`, { method: 'HEAD', signal })
      if (head.ok) return false
      const begun = await request(reference, actions, 'blobs/uploads/', { method: 'POST', signal })
      const location = new URL(begun.headers.get('location') ?? '', transport.url(reference.host, ''))
      location.searchParams.set('digest', digest)
      const headers = { 'Content-Type': 'application/octet-stream' }
      await request(reference, actions, location.href, { method: 'PUT', body: new Uint8Array(bytes), headers, signal })
      return true
    },

    async pushManifest(of, mediaType, bytes) {
      const reference = parsed(of)
      const path = `manifests/${selectorOf(reference)}`
      await request(reference, 'pull,push', path, {
        method: 'PUT',
        body: new Uint8Array(bytes),
        headers: { 'Content-Type': mediaType },
      })
      return { digest: digestOf(bytes) }
    },
  }
}

/** The entry of an index for a platform, else the first that is an image. */
export function choosePlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const [os, architecture] = wanted.split('/')
  const images = manifests.filter(({ platform }) => platform?.os !== 'unknown')
  return images.find(({ platform }) => platform?.os === os && platform?.architecture === architecture) ?? images[0]
}
