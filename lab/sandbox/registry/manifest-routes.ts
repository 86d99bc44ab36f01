import { readFile } from 'node:fs/promises'
import { readBody } from '../core/http.ts'
import { type Answer, type Call, json } from './answer.ts'
import type { Blobs } from './blobs.ts'
import { digestOf } from './digest.ts'
import { registryError } from './errors.ts'
import { type ImageIndex, type ImageManifest, isIndexType, MANIFEST_TYPES, OCI_INDEX } from './media-types.ts'
import type { ManifestRecord, Records } from './records.ts'

/** Larger manifests are refused, as the reference registry does. */
const MAX_MANIFEST = 4 * 1024 * 1024

export type Push = { readonly repository: string; readonly tag: string | undefined; readonly digest: string }
type Target = { readonly tag: string } | { readonly digest: string }

/** Manifests, tags and referrers. */
export class ManifestRoutes {
  constructor(
    private readonly blobs: Blobs,
    private readonly records: Records,
    private readonly now: () => number,
    private readonly onPush: (push: Push) => void,
  ) {}

  async manifest(call: Call, target: Target): Promise<Answer> {
    if (call.method === 'PUT') return this.put(call, target)
    if (call.method === 'DELETE') return this.remove(call.repository, target)
    if (call.method !== 'GET' && call.method !== 'HEAD') throw registryError('UNSUPPORTED')
    const { repository } = call
    const record = this.find(repository, target)
    const headers = {
      'Content-Type': record.mediaType,
      'Docker-Content-Digest': record.digest,
      ETag: `"${record.digest}"`,
    }
    if (call.request.headers['if-none-match'] === headers.ETag) return { status: 304, headers }
    return { status: 200, headers, body: await readFile(this.blobs.path(record.digest)) }
  }

  /** `GET …/tags/list`, in pages when `n` is given. */
  tags({ method, repository, query }: Call): Answer {
    if (method !== 'GET' && method !== 'HEAD') throw registryError('UNSUPPORTED')
    if (!this.records.repository(repository)) throw registryError('NAME_UNKNOWN', { name: repository })
    const n = query.get('n')
    if (n !== null && !/^\d+$/.test(n)) throw registryError('PAGINATION_NUMBER_INVALID', { n })
    const last = query.get('last') ?? ''
    const names = this.records.tags(repository).flatMap(({ name }) => (name > last ? [name] : []))
    const page = n === null ? names : names.slice(0, Number(n))
    const more = page.length > 0 && page.length < names.length
    const next = `/v2/${repository}/tags/list?last=${encodeURIComponent(page.at(-1) ?? '')}&n=${n}`
    return json({ name: repository, tags: page }, more ? { Link: `<${next}>; rel="next"` } : {})
  }

  /** `GET …/referrers/<digest>`: the manifests whose `subject` is the digest, as an index. */
  referrers({ method, repository, query }: Call, digest: string): Answer {
    if (method !== 'GET' && method !== 'HEAD') throw registryError('UNSUPPORTED')
    const type = query.get('artifactType')
    const manifests = this.records
      .manifests(repository)
      .filter(({ subject, artifactType }) => subject === digest && (type === null || artifactType === type))
      .map(({ mediaType, digest, size, artifactType, annotations }) => ({
        mediaType,
        digest,
        size,
        artifactType,
        annotations,
      }))
    return json(
      { schemaVersion: 2, mediaType: OCI_INDEX, manifests },
      { 'Content-Type': OCI_INDEX, ...(type === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }) },
    )
  }

  private find(repository: string, target: Target): ManifestRecord {
    const digest = 'digest' in target ? target.digest : this.records.tag(repository, target.tag)?.digest
    const record = digest === undefined ? undefined : this.records.manifest(repository, digest)
    if (!record)
      throw registryError(
        'MANIFEST_UNKNOWN',
        'tag' in target ? `unknown tag=${target.tag}` : `unknown manifest name=${repository} revision=${target.digest}`,
      )
    return record
  }

  private remove(repository: string, target: Target): Answer {
    this.find(repository, target)
    if ('tag' in target) this.records.deleteTag(repository, target.tag)
    else this.records.deleteManifest(repository, target.digest)
    return { status: 202 }
  }

  private async put({ request, repository }: Call, target: Target): Promise<Answer> {
    const bytes = await readBody(request, MAX_MANIFEST).catch((error) => {
      throw error instanceof RangeError ? registryError('MANIFEST_INVALID', error.message) : error
    })
    const digest = digestOf(bytes)
    if ('digest' in target && target.digest !== digest) throw registryError('DIGEST_INVALID', target.digest)
    const { mediaType, manifest } = parseManifest(request.headers['content-type'], bytes)
    const record = await this.describe(repository, mediaType, manifest, { digest, size: bytes.length })
    await this.blobs.write(bytes)
    this.records.addRepository(repository, this.now())
    this.records.putManifest(repository, record)
    if ('tag' in target) this.records.putTag(repository, { name: target.tag, digest })
    this.onPush({ repository, tag: 'tag' in target ? target.tag : undefined, digest })
    return {
      status: 201,
      headers: {
        Location: `/v2/${repository}/manifests/${digest}`,
        'Docker-Content-Digest': digest,
        ...(record.subject ? { 'OCI-Subject': record.subject } : {}),
      },
    }
  }

  /** Checks that all that a manifest names is there, and notes what is asked for later. */
  private async describe(
    repository: string,
    mediaType: string,
    manifest: ImageManifest | ImageIndex,
    own: { readonly digest: string; readonly size: number },
  ): Promise<ManifestRecord> {
    let totalSize = own.size
    let createdAt = new Date(this.now()).toISOString()
    let artifactType = manifest.artifactType
    if ('manifests' in manifest) {
      for (const { digest } of manifest.manifests) {
        const child = this.records.manifest(repository, digest)
        if (!child) throw registryError('MANIFEST_BLOB_UNKNOWN', { digest })
        totalSize += child.totalSize
      }
    } else {
      const parts = [manifest.config, ...manifest.layers]
      for (const { digest, size, urls } of parts) {
        if (urls?.length) continue
        const found = this.records.hasBlob(repository, digest) ? await this.blobs.size(digest) : undefined
        if (found === undefined) throw registryError('MANIFEST_BLOB_UNKNOWN', { digest })
        if (found !== size) throw registryError('MANIFEST_INVALID', `${digest} has ${found} bytes, not ${size}`)
        totalSize += found
      }
      createdAt = (await this.builtAt(manifest.config.digest)) ?? createdAt
      artifactType ??= manifest.config.mediaType
    }
    const { subject, annotations } = manifest
    return { ...own, mediaType, totalSize, createdAt, subject: subject?.digest, artifactType, annotations }
  }

  private async builtAt(digest: string): Promise<string | undefined> {
    try {
      const created = new Date(JSON.parse(await readFile(this.blobs.path(digest), 'utf8')).created)
      return created.toISOString()
    } catch {
      return undefined
    }
  }
}

/** A manifest's JSON, checked against its Content-Type and the shape of its kind. @throws ApiError MANIFEST_INVALID */
export function parseManifest(
  contentType: string | undefined,
  bytes: Buffer,
): { readonly mediaType: string; readonly manifest: ImageManifest | ImageIndex } {
  const invalid = (why: string) => registryError('MANIFEST_INVALID', why)
  const mediaType = contentType?.split(';')[0]?.trim() ?? ''
  if (!(MANIFEST_TYPES as readonly string[]).includes(mediaType))
    throw invalid(`unsupported media type ${mediaType || '(none)'}`)
  let manifest: ImageManifest & ImageIndex
  try {
    manifest = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw invalid('the manifest is not JSON')
  }
  if (manifest?.schemaVersion !== 2) throw invalid('schemaVersion must be 2')
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw invalid(`mediaType is ${manifest.mediaType}, the Content-Type ${mediaType}`)
  }
  const isDescriptor = (value: unknown): boolean => {
    const { digest, size, mediaType } = (value ?? {}) as Record<string, unknown>
    return typeof digest === 'string' && typeof size === 'number' && typeof mediaType === 'string'
  }
  if (isIndexType(mediaType)) {
    if (!Array.isArray(manifest.manifests) || !manifest.manifests.every(isDescriptor)) {
      throw invalid('manifests must be a list of descriptors')
    }
  } else if (
    !isDescriptor(manifest.config) ||
    !Array.isArray(manifest.layers) ||
    !manifest.layers.every(isDescriptor)
  ) {
    throw invalid('config must be a descriptor and layers a list of descriptors')
  }
  return { mediaType, manifest }
}
