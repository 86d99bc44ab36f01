import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { digestOf, hexOf } from './digest.ts'

/**
 * Blobs by their digest in `<directory>/blobs/sha256/<hex>`, and uploads in progress in `<directory>/uploads`. A blob
 * is never removed: whether a repository has it is the records' business, and a restored snapshot may need it again.
 */
export class Blobs {
  private readonly blobs: string
  private readonly uploads: string

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs', 'sha256')
    this.uploads = join(directory, 'uploads')
    mkdirSync(this.blobs, { recursive: true, mode: 0o700 })
    rmSync(this.uploads, { recursive: true, force: true })
    mkdirSync(this.uploads, { mode: 0o700 })
  }

  path(digest: string): string {
    return join(this.blobs, hexOf(digest))
  }

  /** Bytes of a blob; undefined if it is not there. */
  async size(digest: string): Promise<number | undefined> {
    return stat(this.path(digest)).then(
      ({ size }) => size,
      () => undefined,
    )
  }

  /** Bytes `start` to `end`, both included. */
  read(digest: string, start: number, end: number): Readable {
    return createReadStream(this.path(digest), { start, end })
  }

  async write(bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes)
    const draft = join(this.uploads, randomUUID())
    await writeFile(draft, bytes)
    await rename(draft, this.path(digest))
    return digest
  }

  async startUpload(): Promise<string> {
    const id = randomUUID()
    await writeFile(this.draft(id), '')
    return id
  }

  /** Adds what `source` brings to an upload and returns how many bytes it has now. */
  async append(id: string, source: Readable): Promise<number> {
    await pipeline(source, createWriteStream(this.draft(id), { flags: 'a' }))
    return this.uploadSize(id)
  }

  async uploadSize(id: string): Promise<number> {
    return (await stat(this.draft(id))).size
  }

  /** Makes an upload the blob `digest`; false, and the upload is gone, if its content has another digest. */
  async finish(id: string, digest: string): Promise<boolean> {
    const hash = createHash('sha256')
    await pipeline(createReadStream(this.draft(id)), hash)
    const found = `sha256:${hash.digest('hex')}`
    if (found !== digest) {
      await this.cancel(id)
      return false
    }
    await rename(this.draft(id), this.path(digest))
    return true
  }

  async cancel(id: string): Promise<void> {
    await rm(this.draft(id), { force: true })
  }

  private draft(id: string): string {
    return join(this.uploads, id)
  }
}
