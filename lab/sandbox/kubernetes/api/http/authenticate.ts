import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../../core/errors.ts'
import { ANONYMOUS, type Tokens, type User } from './tokens.ts'

export type Requester = User & { readonly impersonated?: boolean }

const unauthorized = () => new ApiError(401, 'Unauthorized', { reason: 'Unauthorized' })

/** Bearer tokens of WebSockets travel as a subprotocol, because browsers cannot set headers there. */
const PROTOCOL_PREFIX = 'base64url.bearer.authorization.k8s.io.'

function tokenOf(request: IncomingMessage): string | undefined {
  const [, token] = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '') ?? []
  if (token !== undefined) return token
  const protocols = String(request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
  const encoded = protocols.find((protocol) => protocol.startsWith(PROTOCOL_PREFIX))
  return encoded && Buffer.from(encoded.slice(PROTOCOL_PREFIX.length), 'base64url').toString()
}

const headersOf = (request: IncomingMessage, name: string): string[] => {
  const found: string[] = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === name) found.push(request.rawHeaders[at + 1] as string)
  }
  return found
}

function groupsOfAccount(name: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? []
  return namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : []
}

/**
 * Who sends a request: the owner of its bearer token, anonymous without one, or whom its `Impersonate-User` header
 * names. @throws ApiError 401 for a token that is nobody's
 */
export function authenticate(request: IncomingMessage, tokens: Tokens): Requester {
  const token = tokenOf(request)
  const user = token === undefined ? ANONYMOUS : tokens.userOf(token)
  if (!user) throw unauthorized()
  const [name] = headersOf(request, 'impersonate-user')
  if (!name || user === ANONYMOUS) return user
  const asked = headersOf(request, 'impersonate-group')
  const groups = asked.length > 0 ? asked : groupsOfAccount(name)
  return { name, groups: [...new Set([...groups, 'system:authenticated'])], impersonated: true }
}
