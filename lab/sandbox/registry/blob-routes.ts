import type { Answer, Call } from './answer.ts'
import type { Blobs } from './blobs.ts'
import { isDigest } from './digest.ts'
import { registryError } from './errors.ts'
import type { Records } from './records.ts'
import { isRepositoryName } from './reference.ts'
import { checkedDigest } from './routes.ts'

/** Blobs and their uploads, after the distribution specification 1.1. */
export class BlobRoutes {
  /** Repository and progress of each upload; one that was begun before a restart is unknown, and clients begin anew. */
  private readonly uploads = new Map<string, { readonly repository: string; busy: boolean }>()

  constructor(
    private readonly blobs: Blobs,
    private readonly records: Records,
  ) {}

  async blob(call: Call, digest: string): Promise<Answer> {
    const { repository, method, request } = call
    const size = this.records.hasBlob(repository, digest) ? await this.blobs.size(digest) : undefined
    if (size === undefined) throw registryError('BLOB_UNKNOWN', digest)
    if (method === 'DELETE') {
      this.records.deleteBlob(repository, digest)
      return { status: 202 }
    }
    if (method !== 'GET' && method !== 'HEAD') throw registryError('UNSUPPORTED')
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Docker-Content-Digest': digest,
      'Accept-Ranges': 'bytes',
      ETag: `"${digest}"`,
    }
    if (request.headers['if-none-match'] === `"${digest}"`) return { status: 304, headers }
    const range = rangeOf(request.headers.range, size)
    if (range === undefined) {
      return { status: 200, headers: { ...headers, 'Content-Length': size }, body: this.read(digest, 0, size - 1) }
    }
    const [start, end] = range
    return {
      status: 206,
      headers: { ...headers, 'Content-Length': end - start + 1, 'Content-Range': `bytes ${start}-${end}/${size}` },
      body: this.read(digest, start, end),
    }
  }

  private read(digest: string, start: number, end: number) {
    return end < start ? Buffer.alloc(0) : this.blobs.read(digest, start, end)
  }

  /** `POST …/blobs/uploads/`: begins an upload, takes a whole blob at once, or mounts one of another repository. */
  async begin(call: Call): Promise<Answer> {
    const { repository, query } = call
    if (call.method !== 'POST') throw registryError('UNSUPPORTED')
    const mount = query.get('mount')
    if (mount && isDigest(mount) && this.mayMount(call, mount, query.get('from'))) {
      this.records.addBlob(repository, mount)
      return created(repository, mount)
    }
    const id = await this.blobs.startUpload()
    this.uploads.set(id, { repository, busy: false })
    return query.has('digest') ? this.finish(call, id) : this.progress(call, id, 202)
  }

  async upload(call: Call, id: string): Promise<Answer> {
    const upload = this.uploads.get(id)
    if (upload?.repository !== call.repository) throw registryError('BLOB_UPLOAD_UNKNOWN')
    if (upload.busy) throw registryError('BLOB_UPLOAD_INVALID', 'another request writes to this upload')
    upload.busy = true
    try {
      if (call.method === 'GET' || call.method === 'HEAD') return await this.progress(call, id, 204)
      if (call.method === 'PATCH') {
        await this.append(call, id)
        return await this.progress(call, id, 202)
      }
      if (call.method === 'PUT') return await this.finish(call, id)
      if (call.method === 'DELETE') {
        this.uploads.delete(id)
        await this.blobs.cancel(id)
        return { status: 204 }
      }
      throw registryError('UNSUPPORTED')
    } finally {
      upload.busy = false
    }
  }

  private mayMount(call: Call, digest: string, from: string | null): boolean {
    if (from === null || !isRepositoryName(from)) return false
    return call.allows(from, 'pull') && this.records.hasBlob(from, digest)
  }

  private async append({ request }: Call, id: string): Promise<void> {
    const before = await this.blobs.uploadSize(id)
    const range = request.headers['content-range']
    if (range !== undefined) {
      const start = /^(?:bytes )?(\d+)-\d+$/.exec(range)?.[1]
      if (start === undefined || Number(start) !== before)
        throw registryError('RANGE_INVALID', { expected: before, range })
    }
    const after = await this.blobs.append(id, request)
    const length = request.headers['content-length']
    if (length !== undefined && after - before !== Number(length)) throw registryError('SIZE_INVALID')
  }

  private async finish(call: Call, id: string): Promise<Answer> {
    const digest = checkedDigest(call.query.get('digest') ?? '')
    await this.append(call, id)
    this.uploads.delete(id)
    if (!(await this.blobs.finish(id, digest))) throw registryError('DIGEST_INVALID', digest)
    this.records.addBlob(call.repository, digest)
    return created(call.repository, digest)
  }

  private async progress({ repository }: Call, id: string, status: number): Promise<Answer> {
    const size = await this.blobs.uploadSize(id)
    return {
      status,
      headers: {
        Location: `/v2/${repository}/blobs/uploads/${id}`,
        'Docker-Upload-UUID': id,
        Range: `0-${Math.max(0, size - 1)}`,
      },
    }
  }
}

const created = (repository: string, digest: string): Answer => ({
  status: 201,
  headers: { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest },
})

/** First and last byte that a Range header asks for; undefined for the whole. @throws ApiError 416 */
export function rangeOf(header: string | undefined, size: number): readonly [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]))
  if (start > end) throw registryError('RANGE_INVALID', { range: header, size })
  return [start, end]
}
