import type { Refs } from '../../core/git-remote.ts'
import { latestTag } from '../runtime/versions.ts'

/** `spec.ref` of a GitRepository. */
export type GitReference = {
  readonly branch?: string
  readonly tag?: string
  readonly semver?: string
  readonly name?: string
  readonly commit?: string
}

/** A commit and the reference that led to it; `message` is unknown when nothing had to be fetched. */
export type Commit = { readonly sha: string; readonly reference: string | undefined; readonly message?: string }

/** The branch that is meant when a reference names nothing. */
export const DEFAULT_BRANCH = 'master'

/** `main@sha1:…`, `v1.0.0@sha1:…`, `refs/tags/v1.0.0@sha1:…` (by name), `sha1:…` (by commit). */
export function revisionOf(reference: GitReference, commit: Commit): string {
  const digest = `sha1:${commit.sha}`
  if (commit.reference === undefined) return digest
  if (reference.name) return `${commit.reference}@${digest}`
  return `${commit.reference.split('/').slice(2).join('/')}@${digest}`
}

/** The first line of a commit's message, cut as source-controller cuts it. */
export function shortMessage(message: string): string {
  const subject = [...(message.split('\n')[0] as string)]
  return subject.length > 50 ? `${subject.slice(0, 50).join('')}...` : subject.join('')
}

/** What a reference means in a repository now: the first of commit, name, semver, tag, branch that is set. */
export type Target =
  | { readonly kind: 'commit'; readonly sha: string; readonly branch: string | undefined }
  | { readonly kind: 'reference'; readonly reference: string; readonly sha: string }
  | { readonly kind: 'missing'; readonly message: string }

export function targetOf(reference: GitReference, refs: Refs): Target {
  const { commit, name, semver, tag, branch } = reference
  if (commit) return { kind: 'commit', sha: commit, branch }
  if (name) return named(refs, name, `unable to resolve ref '${name}' to a specific commit`)
  if (semver) {
    const tags = [...refs.keys()].filter((ref) => /^refs\/tags\/.*[^}]$/.test(ref)).map((ref) => ref.slice(10))
    const latest = latestTag(tags, semver)
    if (latest === undefined) return { kind: 'missing', message: `no match found for semver: ${semver}` }
    return named(refs, `refs/tags/${latest}`)
  }
  return named(refs, tag ? `refs/tags/${tag}` : `refs/heads/${branch || DEFAULT_BRANCH}`)
}

function named(refs: Refs, reference: string, message = `couldn't find remote ref "${reference}"`): Target {
  const sha = refs.get(`${reference}^{}`) ?? refs.get(reference)
  return sha ? { kind: 'reference', reference, sha } : { kind: 'missing', message }
}
