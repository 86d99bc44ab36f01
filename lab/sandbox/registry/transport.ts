import { dialError } from '../core/dial-error.ts'
import { basicAuthorization } from '../core/http.ts'
import { REGISTRY_NAME } from './reference.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>
export type Credentials = { readonly username: string; readonly password: string }

export type ErrorItem = { readonly code: string; readonly message: string; readonly detail?: unknown }

/**
 * A request that a registry, or its token server, did not answer with success. The message is the one that Go's
 * distribution client makes: `name unknown: repository name not known to registry`; `Get "URL": dial tcp …` without an
 * answer.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'

  constructor(
    readonly method: string,
    readonly url: string,
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    readonly errors: readonly ErrorItem[],
    message?: string,
    /** Whether the token server refused, not the registry. */
    readonly fromTokenServer = false,
  ) {
    super(
      message ?? (errors.map(errorText).join('\n') || `unexpected status from ${method} request to ${url}: ${status}`),
    )
  }

  get code(): string | undefined {
    return this.errors[0]?.code
  }
}

/** One error in the wording of Go's distribution client. */
const errorText = ({ code, message }: ErrorItem): string => `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`

export type TransportOptions = {
  readonly fetch: Fetch
  readonly credentials?: Credentials
  /** Hosts that are within reach, by plain http. Every other name has no address in the sandbox. */
  readonly hosts?: readonly string[]
}

/** Where images of `docker.io` are fetched from. */
const DOCKER_HUB = 'registry-1.docker.io'

/** Requests to registries, with the token flow of the distribution specification. Tokens live as long as this object. */
export class Transport {
  private readonly tokens = new Map<string, string>()
  private readonly hosts: readonly string[]

  constructor(private readonly options: TransportOptions) {
    this.hosts = options.hosts ?? [REGISTRY_NAME]
  }

  /** The URL of a path below `/v2/` of a host. */
  url(host: string, path: string): string {
    if (this.hosts.includes(host)) return `http://${host}/v2/${path}`
    return `https://${host === 'docker.io' ? DOCKER_HUB : host}/v2/${path}`
  }

  /** The repository's answer, whatever its status. @throws RegistryError when there is none, or no token */
  async request(host: string, scope: string, path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.url(host, '')).href
    const method = init.method ?? 'GET'
    const send = (authorization: string | undefined) =>
      this.send(host, url, {
        ...init,
        method,
        headers: {
          ...(init.headers as Record<string, string>),
          ...(authorization ? { Authorization: authorization } : {}),
        },
      })
    const key = `${host} ${scope}`
    const first = await send(this.tokens.get(key))
    if (first.status !== 401) return first
    const challenge = first.headers.get('www-authenticate') ?? ''
    const authorization = await this.authorize(challenge, scope, init.signal ?? undefined)
    if (authorization === undefined) return first
    await first.body?.cancel()
    this.tokens.set(key, authorization)
    return send(authorization)
  }

  private async send(host: string, url: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? 'GET'
    const fail = (why: string) => new RegistryError(method, url, 0, [], `${goVerb(method)} "${url}": ${why}`)
    if (!this.hosts.includes(host)) throw fail(`dial tcp: lookup ${new URL(url).hostname}: no such host`)
    const attempt = () => this.options.fetch(url, init)
    try {
      // A connection kept open may have been closed by the other side; what only reads is then sent once more.
      return await attempt().catch((error) => {
        if (codeOf(error) === 'UND_ERR_SOCKET' && (method === 'GET' || method === 'HEAD')) return attempt()
        throw error
      })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw fail(dialError(error, url))
    }
  }

  /** What to send after a challenge; undefined when nothing would help. */
  private async authorize(
    challenge: string,
    scope: string,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { credentials } = this.options
    const basic = credentials && basicAuthorization(credentials)
    const [scheme, ...rest] = challenge.split(' ')
    if (scheme?.toLowerCase() === 'basic') return basic
    if (scheme?.toLowerCase() !== 'bearer') return undefined
    const parameters = Object.fromEntries(
      [...rest.join(' ').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    )
    if (!parameters['realm']) return undefined
    const url = new URL(parameters['realm'])
    if (parameters['service']) url.searchParams.set('service', parameters['service'])
    if (scope) url.searchParams.set('scope', scope)
    if (credentials) url.searchParams.set('account', credentials.username)
    let response: Response
    try {
      response = await this.options.fetch(url.href, { headers: basic ? { Authorization: basic } : {}, signal })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new RegistryError('GET', url.href, 0, [], `Get "${url.href}": ${dialError(error, url.href)}`, true)
    }
    if (!response.ok) throw await errorOf('GET', url.href, response, true)
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string }
    const issued = token ?? access_token
    if (!issued)
      throw new RegistryError(
        'GET',
        url.href,
        response.status,
        [],
        'authorization server did not include a token in the response',
        true,
      )
    return `Bearer ${issued}`
  }
}

/** The error that an answer means. GitLab's token server words its errors like a registry, or as `{message}`. */
export async function errorOf(
  method: string,
  url: string,
  response: Response,
  fromTokenServer = false,
): Promise<RegistryError> {
  const text = await response.text().catch(() => '')
  let errors: readonly ErrorItem[] = []
  try {
    const body = JSON.parse(text)
    if (Array.isArray(body.errors)) errors = body.errors
    else if (body.message ?? body.error) {
      errors = [
        { code: response.status === 403 ? 'DENIED' : 'UNAUTHORIZED', message: String(body.message ?? body.error) },
      ]
    }
  } catch {}
  if (errors.length === 0 && response.status === 401)
    errors = [{ code: 'UNAUTHORIZED', message: 'authentication required' }]
  return new RegistryError(method, url, response.status, errors, undefined, fromTokenServer)
}

const goVerb = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase()

/** The system's name of a failure; Node's `fetch` has it in the error's cause. */
const codeOf = (error: unknown): string | undefined =>
  ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code
