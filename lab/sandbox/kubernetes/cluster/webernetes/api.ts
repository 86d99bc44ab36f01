import { AppsV1Api, CoreV1Api, DiscoveryV1Api, type KubeClient, KubeConfig, Watch } from '@ngrok/webernetes'
import type { PatchType } from '../../../core/kube-client.ts'
import type { KubeObject, RemoveOptions, Resource, Writer } from '../../types.ts'
import type { Events, ObjectReference } from '../events.ts'
import type { Objects, Plural } from '../objects.ts'
import { engineError, fromEngine, toEngine } from './seam.ts'

/** What a webernetes component of one cluster reads and writes instead of webernetes' own store. */
export type EngineApi = { readonly objects: Objects; readonly writer: Writer; readonly events: Events }

const KINDS: Readonly<Record<string, Plural>> = {
  Pod: 'pods',
  Node: 'nodes',
  Namespace: 'namespaces',
  Service: 'services',
  Event: 'events',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  EndpointSlice: 'endpointslices',
}

const PATCHES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}

type Request = {
  readonly name: string
  readonly namespace?: string
  readonly body?: unknown
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: RemoveOptions['propagationPolicy']
}
type RequestOptions = { readonly headers?: Readonly<Record<string, string>> }

/** `replaceNamespacedPodStatus` → verb `replace`, kind `Pod`, subresource `status`. */
export function parseMethod(method: string): { verb: string; kind: string; subresource: string | undefined } {
  const match = /^([a-z]+)(?:Namespaced)?([A-Z][A-Za-z]*?)(?:ForAllNamespaces)?(Status|Scale|Binding)?$/.exec(method)
  if (!match?.[1] || !match[2]) throw new Error(`webernetes called ${method}, which the adapter does not know`)
  return { verb: match[1], kind: match[2], subresource: match[3]?.toLowerCase() }
}

function call(api: EngineApi, method: string, request: Request, options?: RequestOptions): unknown {
  const { objects, writer } = api
  const { verb, kind, subresource } = parseMethod(method)
  const plural = KINDS[kind]
  if (!plural) throw new Error(`webernetes called ${method}, a kind that the adapter does not know`)
  const { registry } = objects
  const resource = objects.resource(plural)
  const body = fromEngine(request.body) as KubeObject
  switch (verb) {
    case 'read':
      return toEngine(registry.get(resource, request.namespace, request.name))
    case 'list': {
      const { items, resourceVersion } = registry.list(resource, request.namespace, {
        labelSelector: request.labelSelector,
        fieldSelector: request.fieldSelector,
      })
      return { metadata: { resourceVersion }, items: items.map((item) => toEngine(withType(item, resource))) }
    }
    case 'create':
      if (plural === 'events') return recordEvent(api, body)
      return toEngine(registry.create(resource, request.namespace, withType(body, resource), writer))
    case 'replace':
      return toEngine(
        registry.update(resource, request.namespace, request.name, withType(body, resource), writer, subresource),
      )
    case 'patch': {
      const type = PATCHES[options?.headers?.['Content-Type'] ?? ''] ?? 'strategic'
      const patch = { type, body: withoutIdentity(body) }
      return toEngine(registry.patch(resource, request.namespace, request.name, patch, writer, subresource).object)
    }
    case 'delete': {
      const given = (body ?? {}) as RemoveOptions
      const removal: RemoveOptions = {
        propagationPolicy: request.propagationPolicy ?? given.propagationPolicy,
        gracePeriodSeconds: request.gracePeriodSeconds ?? given.gracePeriodSeconds,
        preconditions: given.preconditions,
      }
      return toEngine(registry.remove(resource, request.namespace, request.name, removal, writer).object)
    }
    default:
      throw new Error(`webernetes called ${method}, a verb that the adapter does not know`)
  }
}

/** An event of webernetes' recorder; it takes an init container for a regular one. */
function recordEvent({ objects, events }: EngineApi, event: KubeObject): KubeObject {
  const about = event['involvedObject'] as ObjectReference
  const pod = about.kind === 'Pod' ? objects.get('pods', about.namespace, about.name) : undefined
  const inits = (pod?.['spec'].initContainers ?? []) as { name: string }[]
  const init = inits.find(({ name }) => about.fieldPath === `spec.containers{${name}}`)
  const corrected = init ? { ...about, fieldPath: `spec.initContainers{${init.name}}` } : about
  const { component, host } = event['source']
  events.record(corrected, event['type'], event['reason'], event['message'], { component, ...(host ? { host } : {}) })
  return event
}

/** Items of lists and bodies may come without apiVersion and kind; owner references need them. */
const withType = (object: KubeObject, { group, version, kind }: Resource): KubeObject => ({
  ...object,
  apiVersion: object.apiVersion ?? (group ? `${group}/${version}` : version),
  kind: object.kind ?? kind,
})

/** A uid in a status patch is a precondition that the reader has just checked. */
function withoutIdentity(body: KubeObject): unknown {
  if (!body?.metadata || Object.keys(body.metadata).some((field) => field !== 'uid')) return body
  const { metadata: _, ...rest } = body
  return rest
}

const client = (api: EngineApi): object =>
  new Proxy(
    {},
    {
      get: (_, method) =>
        typeof method !== 'string' || method === 'then'
          ? undefined
          : async (request: Request = { name: '' }, options?: RequestOptions) => {
              try {
                return call(api, method, request, options)
              } catch (error) {
                throw engineError(error)
              }
            },
    },
  )

/** Clients of the API under another writer, for a component that is handed its own. */
export function engineClient(kubeConfig: KubeConfig, api: EngineApi): KubeClient {
  const proxy = client(api)
  return {
    kubeConfig,
    corev1: proxy as KubeClient['corev1'],
    appsv1: proxy as KubeClient['appsv1'],
    discoveryv1: proxy as KubeClient['discoveryv1'],
  } as KubeClient
}

const apis = new WeakMap<KubeConfig, EngineApi>()
let constructing: EngineApi | undefined

const apiOf = (kubeConfig: KubeConfig): EngineApi | undefined => {
  const api = apis.get(kubeConfig) ?? constructing
  if (api && !apis.has(kubeConfig)) apis.set(kubeConfig, api)
  return api
}

/** Runs a constructor whose KubeConfig, and every client and watch made from it, shall use `api`. */
export function withEngineApi<T>(api: EngineApi, construct: () => T): T {
  constructing = api
  try {
    return construct()
  } finally {
    constructing = undefined
  }
}

/** `/apis/apps/v1/namespaces/demo/deployments` → the resource and the namespace. */
function watched(objects: Objects, path: string): { resource: Resource; namespace: string | undefined } {
  const match = /^\/apis?\/(?:[a-z.8]+\/)?v1(?:\/namespaces\/([^/]+))?\/([a-z]+)$/.exec(path)
  if (!match?.[2]) throw new Error(`webernetes watches ${path}, which the adapter does not know`)
  return { resource: objects.resource(match[2] as Plural), namespace: match[1] }
}

const originalMakeApiClient = KubeConfig.prototype.makeApiClient
const originalWatch = Watch.prototype.watch

/*
 * The kubelet keeps clients that it makes while the Cluster is being constructed, out of reach of whoever constructs
 * it, so the two ways to the store are replaced on their classes: for the KubeConfigs that have an API of ours.
 */
KubeConfig.prototype.makeApiClient = function <T extends object>(
  this: KubeConfig,
  type: new (...args: never[]) => T,
): T {
  const api = apiOf(this)
  if (!api) return originalMakeApiClient.call(this, type as never) as T
  const known: readonly unknown[] = [CoreV1Api, AppsV1Api, DiscoveryV1Api]
  if (!known.includes(type))
    throw new Error(`webernetes wants an API client that the adapter does not know: ${type.name}`)
  return client(api) as T
} as typeof originalMakeApiClient

Watch.prototype.watch = async function (this: Watch, path, query, callback, done) {
  const api = apiOf(this.config)
  if (!api) return originalWatch.call(this, path, query, callback, done)
  return watchRegistry(api.objects, path, query, callback, done)
}

/**
 * Tells the present objects as ADDED unless the caller has just listed, then every change. Between a list and its
 * watch nothing can be lost: what was written since is told first, as what it is now.
 */
function watchRegistry(
  objects: Objects,
  path: string,
  query: Parameters<Watch['watch']>[1],
  callback: Parameters<Watch['watch']>[2],
  done: Parameters<Watch['watch']>[3],
): AbortController {
  const { resource, namespace } = watched(objects, path)
  const fieldSelector = query['fieldSelector'] as string | undefined
  const since = Number(query['resourceVersion'] ?? 0)
  const controller = new AbortController()
  const wanted = selects(namespace, fieldSelector)
  const tell = (type: string, object: KubeObject) => {
    if (!controller.signal.aborted) callback(type, toEngine(withType(object, resource)))
  }
  // As over a network, an event comes after the answer to the write that caused it: the controllers count on that.
  const unwatch = objects.registry.watch(resource, ({ type, object }) => {
    if (wanted(object)) setImmediate(() => tell(type, object))
  })
  for (const object of objects.registry.list(resource, namespace, { fieldSelector }).items) {
    if (Number(object.metadata.resourceVersion) > since) setImmediate(() => tell(since ? 'MODIFIED' : 'ADDED', object))
  }
  controller.signal.addEventListener(
    'abort',
    () => {
      unwatch()
      done(Object.assign(new Error('Watch aborted.'), { name: 'AbortError' }))
    },
    { once: true },
  )
  return controller
}

/** Field selectors as the kubelet uses them: `spec.nodeName=node-1`. */
function selects(namespace: string | undefined, fieldSelector: string | undefined): (object: KubeObject) => boolean {
  const [path, value] = fieldSelector?.split('=') ?? []
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (path === undefined || path.split('.').reduce((at: unknown, field) => (at as never)?.[field], object) === value)
}
