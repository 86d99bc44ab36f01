import { isDigest } from './digest.ts'
import { registryError } from './errors.ts'
import { isRepositoryName, isTag } from './reference.ts'

/** What a URL of the distribution API names. */
export type Route =
  | { readonly type: 'base' }
  | { readonly type: 'catalog' }
  | { readonly type: 'tags'; readonly repository: string }
  | { readonly type: 'manifest'; readonly repository: string; readonly tag: string }
  | { readonly type: 'manifest'; readonly repository: string; readonly digest: string }
  | { readonly type: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly type: 'uploads'; readonly repository: string }
  | { readonly type: 'upload'; readonly repository: string; readonly id: string }
  | { readonly type: 'referrers'; readonly repository: string; readonly digest: string }

const PATTERN =
  /^\/v2\/(?<repository>.+)\/(?:(?<tags>tags\/list)|manifests\/(?<reference>[^/]+)|(?<uploads>blobs\/uploads\/?)|blobs\/uploads\/(?<id>[^/]+)|blobs\/(?<blob>[^/]+)|referrers\/(?<subject>[^/]+))$/

/** The route of a path; undefined if the API has none. @throws ApiError for names, tags and digests that cannot be. */
export function routeOf(path: string): Route | undefined {
  if (path === '/v2' || path === '/v2/') return { type: 'base' }
  if (path === '/v2/_catalog') return { type: 'catalog' }
  const groups = PATTERN.exec(path)?.groups
  if (!groups) return undefined
  const repository = groups['repository'] as string
  if (!isRepositoryName(repository)) throw registryError('NAME_INVALID', { name: repository })
  const { reference, id, blob, subject } = groups
  if (groups['tags']) return { type: 'tags', repository }
  if (groups['uploads']) return { type: 'uploads', repository }
  if (id) return { type: 'upload', repository, id }
  if (blob) return { type: 'blob', repository, digest: checkedDigest(blob) }
  if (subject) return { type: 'referrers', repository, digest: checkedDigest(subject) }
  if (!reference) return undefined
  if (reference.includes(':')) return { type: 'manifest', repository, digest: checkedDigest(reference) }
  if (!isTag(reference)) throw registryError('TAG_INVALID', { tag: reference })
  return { type: 'manifest', repository, tag: reference }
}

/** @throws ApiError unless it is a digest that can be checked here. */
export function checkedDigest(text: string): string {
  if (!isDigest(text))
    throw registryError('DIGEST_INVALID', text, 'invalid or unsupported digest, expected sha256:<64 hex digits>')
  return text
}
