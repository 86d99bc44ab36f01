import { messageOf } from './errors.ts'

type NetworkError = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }

/**
 * Why a request got no answer, in the words of Go's net package: `dial tcp 127.0.0.1:9: connect: connection refused`.
 * Node's `fetch` hides the reason in the error's cause.
 */
export function dialError(error: unknown, url: string): string {
  const cause = (error instanceof Error && error.cause ? error.cause : error) as NetworkError
  const { hostname, port, protocol } = new URL(url)
  const where = `${cause.address ?? hostname}:${cause.port ?? (port || (protocol === 'https:' ? 443 : 80))}`
  // fetch refuses the ports of its block list without dialling them; nothing is served there.
  if (cause.code === 'ECONNREFUSED' || cause.message === 'bad port') {
    return `dial tcp ${where}: connect: connection refused`
  }
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${cause.hostname ?? hostname}: no such host`
  }
  if (cause.code === 'ETIMEDOUT' || cause.code === 'UND_ERR_CONNECT_TIMEOUT') return `dial tcp ${where}: i/o timeout`
  if (cause.code === 'ECONNRESET') return `read tcp ${where}: read: connection reset by peer`
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'context deadline exceeded'
  return messageOf(cause)
}
