import { messageOf } from '../../core/errors.ts'

export type RegistryCredentials = { readonly username: string; readonly password: string }

/** What image-reflector-controller asks of a registry. References are texts. */
export interface RegistryReader {
  listTags(reference: string): Promise<readonly string[]>
  manifest(reference: string): Promise<{ readonly digest: string }>
}

export type RegistryReaderFactory = (options: {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
  readonly credentials?: RegistryCredentials
  /** Hosts that are spoken to by plain HTTP; undefined means the client's own choice. */
  readonly hosts?: readonly string[]
}) => RegistryReader

type ErrorItem = { readonly code: string; readonly message: string; readonly detail?: unknown }
type RegistryFailure = {
  readonly method?: string
  readonly url?: string
  readonly status?: number
  readonly errors?: readonly ErrorItem[]
}

/** An error of the registry client in go-containerregistry's words. */
export function registryErrorText(error: unknown): string {
  const { method, url, status, errors } = error as RegistryFailure
  if (url === undefined) return messageOf(error)
  if (errors && errors.length > 0) {
    const items = errors.map(({ code, message, detail }) => {
      const more = detail === undefined || detail === null ? '' : `; ${goValue(detail)}`
      return `${code}: ${message}${more}`
    })
    return `${method} ${url}: ${items.length > 1 ? `multiple errors returned: ${items.join('; ')}` : items[0]}`
  }
  if (status !== 0) return messageOf(error)
  // It asks for the registry itself first, by https and, where that is allowed, by http.
  const { host } = new URL(url)
  const [, reason = messageOf(error)] = /^\w+ ".*?": (.*)$/s.exec(messageOf(error)) ?? []
  const why = reason === 'bad port' ? `dial tcp ${host}: connect: connection refused` : reason
  const schemes = isPlain(url, host) ? ['https', 'http'] : ['https']
  return schemes.map((scheme) => `Get "${scheme}://${host}/v2/": ${why}`).join('; ')
}

const isPlain = (url: string, host: string): boolean =>
  url.startsWith('http:') || /^(localhost|127\.|.*\.local(:|$))/.test(host)

/** A JSON value as Go prints it: `map[name:app]`. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, one]) => `${key}:${goValue(one)}`).join(' ')}]`
  }
  return String(value)
}
