import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { parse } from 'yaml'
import type { KubeObject, KubeReader } from '../engine/ports.ts'

type Kubeconfig = {
  'current-context': string
  contexts: { name: string; context: { cluster: string; user: string } }[]
  clusters: { name: string; cluster: Record<string, string> }[]
  users: { name: string; user: Record<string, string> }[]
}

type Found = { readonly path: string; readonly namespaced: boolean; readonly kind: string }

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Reads a cluster with the credentials of a kubeconfig file: a token or a client certificate. */
export class Kube implements KubeReader {
  private readonly server: URL
  private readonly agent: Agent
  private readonly token: string | undefined
  private resources: Promise<Map<string, Found>> | undefined

  constructor(kubeconfig: string) {
    const config = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
    const context = config.contexts.find((entry) => entry.name === config['current-context'])?.context
    const cluster = config.clusters.find((entry) => entry.name === context?.cluster)?.cluster
    const user = config.users.find((entry) => entry.name === context?.user)?.user ?? {}
    if (!cluster?.['server']) throw new Error(`${kubeconfig}: the current context names no cluster with a server`)
    const pem = (from: Record<string, string>, key: string) => {
      const data = from[`${key}-data`]
      if (data) return Buffer.from(data, 'base64')
      return from[key] ? readFileSync(from[key] as string) : undefined
    }
    this.server = new URL(cluster['server'])
    this.token = user['token']
    this.agent = new Agent({
      keepAlive: true,
      ca: pem(cluster, 'certificate-authority'),
      cert: pem(user, 'client-certificate'),
      key: pem(user, 'client-key'),
    })
  }

  async get(resource: string, name: string, namespace?: string): Promise<KubeObject | undefined> {
    const found = await this.find(resource)
    if (!found) return undefined
    const { status, body } = await this.raw(`${collection(found, namespace)}/${encodeURIComponent(name)}`)
    if (status === 404) return undefined
    return answer(status, body) as KubeObject
  }

  async list(resource: string, options: { namespace?: string; labelSelector?: string } = {}): Promise<KubeObject[]> {
    const found = await this.find(resource)
    if (!found) return []
    const query = options.labelSelector ? `?labelSelector=${encodeURIComponent(options.labelSelector)}` : ''
    const { status, body } = await this.raw(collection(found, options.namespace) + query)
    if (status === 404) return []
    const list = answer(status, body) as { apiVersion: string; items: KubeObject[] }
    return list.items.map((item) => ({ ...item, apiVersion: list.apiVersion, kind: found.kind }))
  }

  async events(object: { kind: string; name: string; namespace: string }): Promise<KubeObject[]> {
    const selector = `involvedObject.kind=${object.kind},involvedObject.name=${object.name}`
    const path = `/api/v1/namespaces/${object.namespace}/events?fieldSelector=${encodeURIComponent(selector)}`
    const { status, body } = await this.raw(path)
    const { items } = answer(status, body) as { items: KubeObject[] }
    return [...items].sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
  }

  async raw(path: string, signal?: AbortSignal): Promise<{ status: number; body: string }> {
    const response = await this.open(path, { signal })
    let body = ''
    for await (const chunk of response.setEncoding('utf8')) body += chunk
    return { status: response.statusCode ?? 0, body }
  }

  async logs(pod: string, namespace: string, options: { container?: string; tail?: number } = {}): Promise<string> {
    const query = new URLSearchParams({
      ...(options.container ? { container: options.container } : {}),
      ...(options.tail ? { tailLines: String(options.tail) } : {}),
    })
    const { status, body } = await this.raw(`/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`)
    return status === 200 ? body : ''
  }

  /** A merge patch; resolves with the HTTP status. */
  async patch(resource: string, name: string, namespace: string, patch: unknown): Promise<number> {
    const found = await this.find(resource)
    if (!found) return 404
    const path = `${collection(found, namespace)}/${encodeURIComponent(name)}?fieldManager=gitops-lab`
    const response = await this.open(path, { method: 'PATCH', body: patch, type: 'application/merge-patch+json' })
    response.resume()
    return response.statusCode ?? 0
  }

  /** Calls back with each object of a kind as it is added, changed or deleted, until the signal is aborted. */
  async watch(
    resource: string,
    onEvent: (type: string, object: KubeObject) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const found = await this.find(resource)
    if (!found) return
    const response = await this.open(`${found.path}?watch=true`, { signal })
    if (response.statusCode !== 200) return void response.resume()
    let rest = ''
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
        if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') onEvent(type, object)
      }
    }
  }

  private open(
    path: string,
    options: { method?: string; body?: unknown; type?: string; signal?: AbortSignal; accept?: string } = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
      request(
        {
          agent: this.agent,
          host: this.server.hostname,
          port: this.server.port,
          path,
          method: options.method ?? 'GET',
          signal: options.signal,
          headers: {
            accept: options.accept ?? 'application/json',
            ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
            ...(body ? { 'content-type': options.type, 'content-length': body.length } : {}),
          },
        },
        resolve,
      )
        .on('error', reject)
        .end(body)
    })
  }

  /** A kind may have come since the last look, so a miss asks the server anew. */
  private async find(resource: string): Promise<Found | undefined> {
    const known = await this.resources?.catch(() => undefined)
    const found = known?.get(resource)
    if (found) return found
    this.resources = this.discover()
    return (await this.resources).get(resource)
  }

  private async discover(): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    for (const root of ['/api', '/apis']) {
      const response = await this.open(root, { accept: DISCOVERY })
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      for (const { metadata, versions } of (answer(response.statusCode ?? 0, text) as Discovery).items) {
        const group = metadata.name ?? ''
        for (const { version, resources } of versions) {
          for (const { resource, scope, responseKind } of resources) {
            const key = group ? `${resource}.${group}` : resource
            const path = group ? `/apis/${group}/${version}/${resource}` : `/api/${version}/${resource}`
            if (!found.has(key)) found.set(key, { path, namespaced: scope === 'Namespaced', kind: responseKind.kind })
          }
        }
      }
    }
    return found
  }
}

type Discovery = {
  items: {
    metadata: { name?: string }
    versions: {
      version: string
      resources: { resource: string; scope: string; responseKind: { kind: string } }[]
    }[]
  }[]
}

const collection = ({ path, namespaced }: Found, namespace: string | undefined): string => {
  if (!namespaced || namespace === undefined) return path
  const at = path.lastIndexOf('/')
  return `${path.slice(0, at)}/namespaces/${encodeURIComponent(namespace)}${path.slice(at)}`
}

function answer(status: number, body: string): unknown {
  if (status !== 200) throw new Error(`the cluster answered ${status}: ${body.slice(0, 300)}`)
  return JSON.parse(body)
}
