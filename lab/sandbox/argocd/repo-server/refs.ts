import type { Names } from '../../core/names.ts'
import { InvalidConstraint, latestVersion, parseConstraint, parseVersion } from '../../core/semver.ts'
import { type Repository, RpcError } from './protocol.ts'

/** What a repository offers: full names of references and the commits behind them (tags peeled). */
export type Refs = { readonly head: string | undefined; readonly byName: ReadonlyMap<string, string> }

/**
 * Asks a repository over smart HTTP for its references. @throws RpcError with the text that Argo CD shows: not found,
 * authentication required, connection refused, empty
 */
export async function listRefs(names: Names, repository: Repository): Promise<Refs> {
  const url = `${withGitSuffix(repository.url)}/info/refs?service=git-upload-pack`
  if (!/^https?:/.test(url)) throw failed(`unsupported scheme in "${repository.url}": the sandbox reads http and https`)
  const response = await names
    .fetch(url, { headers: authorization(repository) })
    .catch((error: unknown) => Promise.reject(failed(`Get "${url}": ${describeConnection(error, url)}`)))
  const body = await response.text()
  if (response.status === 401 || response.status === 403) {
    const reason = response.status === 401 ? 'authentication required' : 'authorization failed'
    throw failed(`${reason}: ${body}`)
  }
  if (response.status === 404) throw failed(`repository not found: ${body}`)
  if (!response.ok)
    throw failed(`unexpected client error: unexpected requesting "${url}" status code: ${response.status}`)
  const refs = parseAdvertisement(body)
  if (refs.byName.size === 0) throw failed('remote repository is empty')
  return refs
}

const failed = (message: string): RpcError => new RpcError('Unknown', `failed to list refs: ${message}`)

const withGitSuffix = (url: string): string => url.replace(/\/+$/, '')

const authorization = ({ credentials }: Repository): Record<string, string> =>
  credentials
    ? { authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}` }
    : {}

/** A failed connection in the words of Go's net package. */
export function describeConnection(error: unknown, url: string): string {
  const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException & { address?: string; port?: number }
  const { hostname, port, protocol } = new URL(url)
  const target = `${cause.address ?? hostname}:${cause.port ?? (port || (protocol === 'https:' ? 443 : 80))}`
  if (cause.code === 'ECONNREFUSED') return `dial tcp ${target}: connect: connection refused`
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') return `dial tcp: lookup ${hostname}: no such host`
  if (cause.code === 'ETIMEDOUT' || cause.code === 'UND_ERR_CONNECT_TIMEOUT') return `dial tcp ${target}: i/o timeout`
  // Node's fetch refuses the ports that browsers refuse without trying them.
  if (cause.message === 'bad port') return `dial tcp ${target}: connect: connection refused`
  return cause.message
}

/** Reads the pkt-lines of git's reference advertisement (protocol version 0). */
export function parseAdvertisement(body: string): Refs {
  const byName = new Map<string, string>()
  let head: string | undefined
  for (let at = 0; at + 4 <= body.length; ) {
    const size = Number.parseInt(body.slice(at, at + 4), 16)
    if (Number.isNaN(size)) break
    const line = size > 4 ? body.slice(at + 4, at + size) : ''
    at += Math.max(size, 4)
    const match = /^([0-9a-f]{40}) ([^\0\n]+)/.exec(line)
    if (!match) continue
    const [, commit, name] = match as unknown as [string, string, string]
    if (name === 'capabilities^{}') continue
    if (name === 'HEAD') head = commit
    else byName.set(name.replace(/\^\{\}$/, ''), commit)
  }
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
