import { randomBytes } from 'node:crypto'
import type { Store } from '../core/store.ts'

/** A manifest that a repository has; its bytes are the blob of the same digest. */
export type ManifestRecord = {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  /** Of the manifest and, for an image, of its configuration and layers. */
  readonly totalSize: number
  /** When the image was built if it says so, else when it was pushed. RFC 3339. */
  readonly createdAt: string
  readonly subject?: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export type TagRecord = { readonly name: string; readonly digest: string }

/** Which repository has which blobs, manifests and tags. A repository exists from its first manifest on. */
export class Records {
  constructor(private readonly store: Store) {}

  /** The key that signs tokens, made at first use. */
  secret(): string {
    const key = 'registry/secret'
    const stored = this.store.get(key) ?? this.store.put(key, randomBytes(32).toString('hex'))
    return stored.value as string
  }

  repositories(): readonly string[] {
    return this.values<{ name: string }>('registry/repository/').map(({ name }) => name)
  }

  /** @param now milliseconds since the epoch */
  addRepository(name: string, now: number): void {
    const key = `registry/repository/${name}`
    if (!this.store.get(key)) this.store.put(key, { name, createdAt: new Date(now).toISOString() })
  }

  repository(name: string): { readonly name: string; readonly createdAt: string } | undefined {
    return this.value(`registry/repository/${name}`)
  }

  deleteRepository(name: string): void {
    for (const kind of ['blob', 'manifest', 'tag']) {
      for (const { key } of this.store.list(`registry/${kind}/${name}@`)) this.store.delete(key)
    }
    this.store.delete(`registry/repository/${name}`)
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.store.get(`registry/blob/${repository}@${digest}`) !== undefined
  }

  addBlob(repository: string, digest: string): void {
    if (!this.hasBlob(repository, digest)) this.store.put(`registry/blob/${repository}@${digest}`, true)
  }

  deleteBlob(repository: string, digest: string): boolean {
    return this.store.delete(`registry/blob/${repository}@${digest}`) !== undefined
  }

  manifest(repository: string, digest: string): ManifestRecord | undefined {
    return this.value(`registry/manifest/${repository}@${digest}`)
  }

  manifests(repository: string): readonly ManifestRecord[] {
    return this.values(`registry/manifest/${repository}@`)
  }

  putManifest(repository: string, manifest: ManifestRecord): void {
    this.store.put(`registry/manifest/${repository}@${manifest.digest}`, manifest)
  }

  /** Deletes a manifest and the tags that name it. */
  deleteManifest(repository: string, digest: string): boolean {
    for (const tag of this.tags(repository)) if (tag.digest === digest) this.deleteTag(repository, tag.name)
    return this.store.delete(`registry/manifest/${repository}@${digest}`) !== undefined
  }

  tag(repository: string, name: string): TagRecord | undefined {
    return this.value(`registry/tag/${repository}@${name}`)
  }

  /** In the order of their names. */
  tags(repository: string): readonly TagRecord[] {
    return this.values(`registry/tag/${repository}@`)
  }

  putTag(repository: string, tag: TagRecord): void {
    this.store.put(`registry/tag/${repository}@${tag.name}`, tag)
  }

  deleteTag(repository: string, name: string): boolean {
    return this.store.delete(`registry/tag/${repository}@${name}`) !== undefined
  }

  private value<T>(key: string): T | undefined {
    return this.store.get(key)?.value as T | undefined
  }

  private values<T>(prefix: string): T[] {
    return this.store.list(prefix).map(({ value }) => value as T)
  }
}
