import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What a handler gets: the request, its query, and its repository's name. */
export type Call = {
  readonly request: IncomingMessage
  readonly method: string
  readonly query: URLSearchParams
  readonly repository: string
  /** Whether the caller's token also grants `action` on another repository (blob mounts). */
  readonly allows: (repository: string, action: string) => boolean
}

export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer | string | Readable
}

export const json = (value: unknown, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
})

/** Sends an answer; a HEAD request gets its headers only. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { body } = answer
  const length = body === undefined ? 0 : body instanceof Readable ? undefined : Buffer.byteLength(body)
  response.writeHead(answer.status, {
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...(length === undefined ? {} : { 'Content-Length': length }),
    ...answer.headers,
  })
  if (!(body instanceof Readable)) {
    response.end(request.method === 'HEAD' ? undefined : body)
  } else if (request.method === 'HEAD') {
    body.destroy()
    response.end()
  } else {
    await pipeline(body, response)
  }
}
