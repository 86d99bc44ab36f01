import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzip } from 'node:zlib'
import { stringify } from 'yaml'
import { ApiError, messageOf } from '../../../core/errors.ts'

/** Answers shorter than this are not worth compressing; the real server uses the same bound. */
const GZIP_FROM = 128 * 1024

/** The Status object of an error. Anything that is no ApiError is a 500 with its message. */
export function statusOf(error: unknown): { code: number; status: Record<string, unknown> } {
  const known = error instanceof ApiError ? error : new ApiError(500, messageOf(error), { reason: 'InternalError' })
  const { reason, details } = known.extra
  return {
    code: known.status,
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: known.message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code: known.status,
    },
  }
}

/** Browsers and curl get indented JSON, as they do from the real server, unless `pretty` says otherwise. */
function wantsPretty(request: IncomingMessage): boolean {
  const pretty = new URLSearchParams(request.url?.split('?')[1]).get('pretty')
  if (pretty !== null) return pretty === '' || pretty === 'true' || pretty === '1'
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '')
}

export type Answer = {
  readonly code?: number
  readonly body: unknown
  readonly contentType?: string
  readonly yaml?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** YAML has its keys sorted, as the real server's has; both spell out what YAML 1.1 would take for something else. */
function textOf(request: IncomingMessage, body: unknown, yaml: boolean): string | Buffer {
  if (Buffer.isBuffer(body)) return body
  if (yaml) return stringify(body, { version: '1.1', sortMapEntries: true, lineWidth: 0 })
  return `${JSON.stringify(body, null, wantsPretty(request) ? 2 : undefined)}\n`
}

/** Sends an object as JSON or YAML, or bytes as they are. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { code = 200, body, contentType = 'application/json', yaml = false, headers = {} } = answer
  const text = textOf(request, body, yaml)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.statusCode = code
  response.setHeader('content-type', contentType)
  response.setHeader('cache-control', 'no-cache, private')
  if (text.length > GZIP_FROM && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    response.setHeader('content-encoding', 'gzip')
    response.setHeader('vary', 'Accept-Encoding')
    gzip(text, { level: 1 }, (error, bytes) => (error ? response.destroy(error) : response.end(bytes)))
    return
  }
  const bytes = Buffer.from(text)
  response.setHeader('content-length', bytes.length)
  response.end(bytes)
}

/** Sends plain text. */
export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
  response.end(text)
}

/** Sends an error as a Status. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { code, status } = statusOf(error)
  const details = status['details'] as { retryAfterSeconds?: number } | undefined
  const headers: Record<string, string> = {}
  if (details?.retryAfterSeconds) headers['retry-after'] = String(details.retryAfterSeconds)
  send(request, response, { code, body: status, headers })
}
