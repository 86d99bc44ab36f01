import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import type { Endpoint, Names } from '../../../core/names.ts'
import { NoEndpoint, type ServiceRouter } from './services.ts'

/** `web.demo.svc.cluster.local.` → namespace `demo`, name `web`. */
export function serviceOf(host: string): { namespace: string; name: string } | undefined {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?\.?$/.exec(host.toLowerCase())
  return match?.[1] && match[2] ? { name: match[1], namespace: match[2] } : undefined
}

/**
 * Names as they resolve inside the cluster: the fixed ones, and Services to one of their ready endpoints. A name of
 * neither kind is left to whoever asks.
 */
export function createNames(options: {
  readonly router: ServiceRouter
  readonly fixed: Readonly<Record<string, Endpoint>>
}): Names {
  const { router, fixed } = options

  const resolve = async (host: string, port: number): Promise<Endpoint | undefined> => {
    const name = host.toLowerCase().replace(/\.$/, '')
    const known = fixed[`${name}:${port}`] ?? fixed[name]
    if (known) return known
    const service = serviceOf(name)
    if (!service) return undefined
    try {
      return router.locate(router.pick(service.namespace, service.name, String(port)))
    } catch (error) {
      if (!(error instanceof NoEndpoint)) throw error
      throw Object.assign(error, connectionError(error.kind, host, port))
    }
  }

  const fetchByName = async (url: string, init: RequestInit | undefined, redirects: number): Promise<Response> => {
    const { hostname, port, protocol } = new URL(url)
    const endpoint = await resolve(hostname, Number(port || (protocol === 'https:' ? 443 : 80)))
    if (!endpoint) return fetch(url, init)
    const answer = await fetchThrough(endpoint, url, init)
    const location = answer.headers.get('location')
    const follows = (init?.redirect ?? 'follow') === 'follow' && [301, 302, 303, 307, 308].includes(answer.status)
    if (!follows || !location) return answer
    if (redirects === 0) throw new TypeError(`fetch of ${url}: too many redirects`)
    await answer.body?.cancel()
    const next = answer.status < 307 && init?.method !== 'HEAD' ? { ...init, method: 'GET', body: undefined } : init
    return fetchByName(new URL(location, url).toString(), next, redirects - 1)
  }

  return { resolve, fetch: (url, init) => fetchByName(url, init, 20) }
}

const connectionError = (kind: NoEndpoint['kind'], host: string, port: number) =>
  kind === 'NotFound'
    ? { code: 'ENOTFOUND', message: `dial tcp: lookup ${host}: no such host` }
    : { code: 'ECONNREFUSED', message: `dial tcp ${host}:${port}: connect: connection refused` }

const NO_KEEP_ALIVE = new HttpAgent({ keepAlive: false })

/** `fetch` that connects elsewhere than the URL says and keeps the URL's host in the Host header. */
async function fetchThrough(endpoint: Endpoint, url: string, init?: RequestInit): Promise<Response> {
  const given = new Request(url, {
    ...init,
    ...(init?.body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
  const target = new URL(url)
  const headers: Record<string, string> = { host: target.host }
  for (const [name, value] of given.headers) headers[name] = value
  const body = given.body ? Buffer.from(await given.arrayBuffer()) : undefined
  if (body) headers['content-length'] = String(body.length)
  const options: RequestOptions = {
    host: endpoint.host,
    port: endpoint.port,
    path: `${target.pathname}${target.search}`,
    method: given.method,
    headers,
    signal: given.signal,
  }
  return new Promise((resolve, reject) => {
    const send = endpoint.tls
      ? httpsRequest({ ...options, servername: target.hostname })
      : httpRequest({ ...options, agent: NO_KEEP_ALIVE })
    send.on('error', reject)
    send.on('response', (message) => {
      const answer = new Headers()
      for (let at = 0; at < message.rawHeaders.length; at += 2) {
        answer.append(message.rawHeaders[at] as string, message.rawHeaders[at + 1] as string)
      }
      const status = message.statusCode ?? 502
      const empty = [204, 205, 304].includes(status)
      if (empty) message.resume()
      resolve(new Response(empty ? null : (Readable.toWeb(message) as ReadableStream), { status, headers: answer }))
    })
    send.end(body)
  })
}
