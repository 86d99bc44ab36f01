import { dialError } from './dial-error.ts'
import type { GitCredentials } from './git.ts'
import { basicAuthorization } from './http.ts'
import type { Names } from './names.ts'

/** How to authenticate to a repository; neither means anonymous. */
export type GitAuth = { readonly basic?: GitCredentials; readonly bearerToken?: string }

/** A repository and how it is reached. */
export type RemoteRepository = {
  readonly url: string
  readonly auth: GitAuth
  readonly names: Names
  readonly signal?: AbortSignal
}

/** The repository did not answer as asked; the message is go-git's. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'

  constructor(
    message: string,
    /** All that git printed, where it was git that failed. */
    readonly detail?: string,
  ) {
    super(message)
  }
}

/**
 * What a repository advertises: object names by full reference name, `HEAD` among them; `<tag>^{}` is what an annotated
 * tag means.
 */
export type Refs = ReadonlyMap<string, string>

export type GitService = 'git-upload-pack' | 'git-receive-pack'

/** Asks a repository for its references, as git's smart HTTP protocol says. @throws RemoteError */
export async function listRefs(repository: RemoteRepository, service: GitService = 'git-upload-pack'): Promise<Refs> {
  const { url, names, signal } = repository
  const address = `${withoutUser(url)}/info/refs?service=${service}`
  let response: Response
  try {
    response = await names.fetch(address, { headers: authorization(repository.auth), signal })
  } catch (error) {
    if (signal?.aborted) throw new RemoteError('context deadline exceeded')
    throw new RemoteError(`Get "${address}": ${dialError(error, address)}`)
  }
  const body = Buffer.from(await response.arrayBuffer())
  if (!response.ok) throw new RemoteError(refusal(response.status, address, body.toString('utf8')))
  if (response.headers.get('content-type') !== `application/x-${service}-advertisement`) {
    throw new RemoteError('invalid pkt-len found')
  }
  return parseAdvertisement(body)
}

function refusal(status: number, url: string, body: string): string {
  if (status === 401) return `authentication required: ${body}`
  if (status === 403) return `authorization failed: ${body}`
  if (status === 404) return `repository not found: ${body}`
  return `unexpected client error: unexpected requesting "${url}" status code: ${status}`
}

function authorization({ basic, bearerToken }: GitAuth): Record<string, string> {
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken}` }
  return basic ? { authorization: basicAuthorization(basic) } : {}
}

function withoutUser(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href.replace(/\/$/, '')
}

/** The references of an answer in pkt-lines: a length of four hex digits, a name and, on the first line, capabilities. */
export function parseAdvertisement(body: Buffer): Refs {
  const refs = new Map<string, string>()
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length)) throw new RemoteError('invalid pkt-len found')
    if (length < 4) {
      at += 4
      continue
    }
    const line = body.toString('utf8', at + 4, at + length).replace(/\n$/, '')
    at += length
    const [, sha, name] = /^([0-9a-f]{40}) ([^\0]+)/.exec(line) ?? []
    if (sha && name && name !== 'capabilities^{}') refs.set(name, sha)
  }
  return refs
}

/**
 * Where git on this machine reaches a repository: names of the sandbox lead to loopback, and `config` (arguments before
 * the command) keeps the name in the Host header.
 */
export async function reachable(names: Names, url: string): Promise<{ url: string; config: readonly string[] }> {
  const address = new URL(withoutUser(url))
  const { host } = address
  const port = Number(address.port || (address.protocol === 'https:' ? 443 : 80))
  const endpoint = await names.resolve(address.hostname, port)
  if (!endpoint) return { url: address.href, config: [] }
  address.protocol = endpoint.tls ? 'https:' : 'http:'
  address.hostname = endpoint.host
  address.port = String(endpoint.port)
  return { url: address.href, config: ['-c', `http.extraHeader=Host: ${host}`] }
}
