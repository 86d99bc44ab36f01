import { listRefs as advertised, RemoteError, type Refs as RemoteRefs } from '../../core/git-remote.ts'
import type { Names } from '../../core/names.ts'
import { InvalidConstraint, latestVersion, parseConstraint, parseVersion } from '../../core/semver.ts'
import { type Repository, RpcError } from './protocol.ts'

/** What a repository offers: its references, and the commits behind them (tags peeled). */
export type Refs = { readonly head: string | undefined; readonly byName: ReadonlyMap<string, string> }

/**
 * Asks a repository over smart HTTP for its references. @throws RpcError with the text that Argo CD shows: not found,
 * authentication required, connection refused, empty
 */
export async function listRefs(names: Names, { url, credentials }: Repository): Promise<Refs> {
  if (!/^https?:/.test(url)) throw failed(`unsupported scheme in "${url}": the sandbox reads http and https`)
  try {
    const refs = peeled(await advertised({ url, auth: credentials ? { basic: credentials } : {}, names }))
    if (refs.byName.size === 0) throw failed('remote repository is empty')
    return refs
  } catch (error) {
    throw error instanceof RemoteError ? failed(error.message) : error
  }
}

const failed = (message: string): RpcError => new RpcError('Unknown', `failed to list refs: ${message}`)

/** An annotated tag is followed by the commit that it means. */
export function peeled(refs: RemoteRefs): Refs {
  const byName = new Map([...refs].map(([name, commit]) => [name.replace(/\^\{\}$/, ''), commit]))
  const head = byName.get('HEAD')
  byName.delete('HEAD')
  return { head, byName }
}

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision)

/**
 * The commit behind a range of versions, branch, tag, abbreviated commit or `HEAD`. A range that a tag satisfies goes
 * before a branch of that name. @throws RpcError
 */
export function resolveRevision(refs: Refs, revision: string): string {
  const wanted = revision === '' ? 'HEAD' : revision
  const tag = highestTag(refs, wanted)
  if (tag) return refs.byName.get(`refs/tags/${tag}`) as string
  if (wanted === 'HEAD' && refs.head) return refs.head
  for (const name of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`, `refs/remotes/origin/${wanted}`]) {
    const commit = refs.byName.get(name)
    if (commit) return commit
  }
  if (/^[0-9a-f]{7,39}$/.test(wanted)) return wanted
  throw new RpcError('Unknown', `unable to resolve '${wanted}' to a commit SHA`)
}

/** A whole version is no range but the name of a tag. */
function highestTag(refs: Refs, range: string): string | undefined {
  if (parseVersion(range)) return undefined
  const tags = [...refs.byName.keys()].flatMap((name) => (name.startsWith('refs/tags/') ? [name.slice(10)] : []))
  try {
    return latestVersion(tags, parseConstraint(range))
  } catch (error) {
    if (error instanceof InvalidConstraint) return undefined
    throw error
  }
}
