import type { IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import type { Clock } from './clock.ts'
import {
  type DeleteOptions,
  type DiscoveredResource,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListOptions,
  type PatchType,
  type ResourceId,
  type WatchEvent,
  type WriteOptions,
} from './kube-client.ts'

export type KubeConnection = {
  readonly url: string
  /** PEM of the certificate authority of the server's certificate. */
  readonly ca: string
  readonly token: string
  readonly clock: Clock
}

const PATCH_CONTENT: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** The pause before a failed watch is tried again, in milliseconds. */
const RETRY_PAUSE = 300

/** A client of an API server over HTTPS. Connections are kept open and shared by all its requests. */
export function createKubeClient(connection: KubeConnection): KubeClient {
  const agent = new Agent({ keepAlive: true, ca: connection.ca })
  const base = new URL(connection.url)

  const open = (
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
      const settings: RequestOptions = {
        agent,
        method,
        host: base.hostname,
        port: base.port,
        path,
        signal: options.signal,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${connection.token}`,
          ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
          ...options.headers,
        },
      }
      request(settings, resolve).on('error', reject).end(body)
    })

  const call = async <T>(method: string, path: string, options: Parameters<typeof open>[2] = {}): Promise<T> => {
    const response = await open(method, path, options)
    const text = await textOf(response)
    if ((response.statusCode ?? 500) >= 400) throw kubeError(response.statusCode ?? 500, text)
    return JSON.parse(text) as T
  }

  const watchOnce = async (
    resource: ResourceId,
    options: ListOptions,
    since: string,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ) => {
    const query = { ...selectors(options), watch: 'true', resourceVersion: since, allowWatchBookmarks: 'true' }
    const response = await open('GET', pathOf(resource, options.namespace, undefined, undefined, query), { signal })
    if (response.statusCode !== 200) throw kubeError(response.statusCode ?? 500, await textOf(response))
    let rest = ''
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = JSON.parse(line) as WatchEvent
        if (event.type === 'ERROR') throw kubeError(Number(event.object['code'] ?? 500), JSON.stringify(event.object))
        if (event.type !== 'BOOKMARK') onEvent(event)
      }
    }
  }

  const client: KubeClient = {
    get: (resource, name, namespace) => call('GET', pathOf(resource, namespace, name)),

    async list(resource, options = {}) {
      const list = await call<{
        apiVersion: string
        kind: string
        metadata: { resourceVersion: string }
        items: KubeObject[]
      }>('GET', pathOf(resource, options.namespace, undefined, undefined, selectors(options)))
      // Items of a typed list carry no kind of their own.
      const kind = list.kind.replace(/List$/, '')
      for (const item of list.items)
        Object.assign(item, { apiVersion: item.apiVersion ?? list.apiVersion, kind: item.kind ?? kind })
      return { items: list.items, resourceVersion: list.metadata.resourceVersion }
    },

    create: (resource, object, options = {}) =>
      call('POST', pathOf(resource, object.metadata.namespace, undefined, undefined, writing(options)), {
        body: object,
      }),

    update: (resource, object, options = {}) =>
      call(
        'PUT',
        pathOf(resource, object.metadata.namespace, object.metadata.name, options.subresource, writing(options)),
        { body: object },
      ),

    patch: (resource, name, namespace, type, patch, options = {}) =>
      call('PATCH', pathOf(resource, namespace, name, options.subresource, writing(options)), {
        body: patch,
        headers: { 'content-type': PATCH_CONTENT[type] },
      }),

    async delete(resource, name, namespace, options: DeleteOptions = {}) {
      await call('DELETE', pathOf(resource, namespace, name), {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options },
      })
    },

    async discover() {
      const [core, named] = await Promise.all(
        ['/api', '/apis'].map((path) => call<DiscoveryList>('GET', path, { headers: { accept: DISCOVERY } })),
      )
      return [...resourcesOf(core as DiscoveryList), ...resourcesOf(named as DiscoveryList)]
    },

    watch(resource, options, handler, signal) {
      const loop = async () => {
        while (!signal.aborted) {
          try {
            const { items, resourceVersion } = await client.list(resource, options)
            if (signal.aborted) return
            handler.onSync?.(items)
            let since = resourceVersion
            for (;;) {
              await watchOnce(
                resource,
                options,
                since,
                (event) => {
                  since = event.object.metadata.resourceVersion ?? since
                  if (!signal.aborted) handler.onEvent(event)
                },
                signal,
              )
            }
          } catch (error) {
            if (signal.aborted) return
            handler.onError?.(error as Error)
            await connection.clock.sleep(RETRY_PAUSE, signal).catch(() => {})
          }
        }
      }
      void loop()
    },
  }
  return client
}

function pathOf(
  resource: ResourceId,
  namespace?: string,
  name?: string,
  subresource?: string,
  query: Record<string, string> = {},
): string {
  const parts = [
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`,
    ...(namespace ? ['namespaces', encodeURIComponent(namespace)] : []),
    resource.plural,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
    ...(subresource ? [subresource] : []),
  ]
  const search = new URLSearchParams(query).toString()
  return parts.join('/') + (search ? `?${search}` : '')
}

const selectors = ({ labelSelector, fieldSelector }: ListOptions): Record<string, string> => ({
  ...(labelSelector ? { labelSelector } : {}),
  ...(fieldSelector ? { fieldSelector } : {}),
})

const writing = ({ fieldManager, force, dryRun, fieldValidation }: WriteOptions): Record<string, string> => ({
  ...(fieldManager ? { fieldManager } : {}),
  ...(force ? { force: 'true' } : {}),
  ...(dryRun ? { dryRun: 'All' } : {}),
  ...(fieldValidation ? { fieldValidation } : {}),
})

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return text
}

function kubeError(code: number, text: string): KubeError {
  try {
    const status = JSON.parse(text) as { reason?: string; message?: string }
    return new KubeError(code, status.reason ?? '', status.message ?? text, status)
  } catch {
    return new KubeError(code, '', text.trim() || `HTTP ${code}`)
  }
}

type DiscoveryList = {
  items: {
    metadata: { name?: string }
    versions: {
      version: string
      resources: {
        resource: string
        responseKind: { kind: string }
        scope: 'Namespaced' | 'Cluster'
        verbs: string[]
        subresources?: { subresource: string }[]
      }[]
    }[]
  }[]
}

/** The resources of the first, that is preferred, version of each group that has them. */
function resourcesOf(list: DiscoveryList): DiscoveredResource[] {
  return list.items.flatMap(({ metadata, versions }) => {
    const seen = new Set<string>()
    return versions.flatMap(({ version, resources }) =>
      resources.flatMap((resource) => {
        if (seen.has(resource.resource)) return []
        seen.add(resource.resource)
        return [
          {
            group: metadata.name ?? '',
            version,
            plural: resource.resource,
            kind: resource.responseKind.kind,
            namespaced: resource.scope === 'Namespaced',
            verbs: resource.verbs,
            subresources: resource.subresources?.map((sub) => sub.subresource) ?? [],
          },
        ]
      }),
    )
  })
}
