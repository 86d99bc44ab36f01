import { ApiError } from '../../../core/errors.ts'
import type { Connection, Resource } from '../../types.ts'
import { methodNotAllowed, noSuchResource, qualified } from '../registry/errors.ts'
import type { Call, ResourceCall } from './context.ts'
import { subresourceVerbs } from './discovery.ts'
import { list } from './list.ts'
import { booleanOf } from './options.ts'
import { type Attributes, authorize } from './rbac.ts'
import { sendObject } from './render.ts'
import { type ResourcePath, verbOf } from './request-info.ts'
import { sendText } from './respond.ts'
import { review } from './reviews.ts'
import * as subresources from './subresources.ts'
import { watch } from './watch.ts'
import * as writes from './writes.ts'

const CONNECTIONS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Kinds that a newer one has replaced: using them answers with a warning. */
const DEPRECATED: Readonly<Record<string, string>> = {
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
}

/** Refuses what the user may not do, in the words of the real server. */
export function checkAllowed(call: Call, attributes: Attributes): void {
  if (authorize(call.api.registry, call.user, attributes).allowed) return
  const { name: user } = call.user
  const refuse = (text: string, details: Record<string, unknown>) =>
    new ApiError(403, text, { reason: 'Forbidden', details })
  const { group = '', resource = '', subresource, namespace, name, verb, path } = attributes
  if (path !== undefined)
    throw refuse(`forbidden: User ${JSON.stringify(user)} cannot ${verb} path ${JSON.stringify(path)}`, {})
  const full = subresource ? `${resource}/${subresource}` : resource
  const subject = `${qualified(resource, group)}${name ? ` ${JSON.stringify(name)}` : ''}`
  const scope = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  throw refuse(
    `${subject} is forbidden: User ${JSON.stringify(user)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${scope}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  )
}

const isWatch = ({ query, path }: { query: URLSearchParams; path: ResourcePath }) =>
  path.watch || booleanOf(query, 'watch')

/** The connection that a path asks for, if it is one. */
export function connectionOf(call: ResourceCall): Connection | undefined {
  const { path, resource, query, request } = call
  const { name, subresource, namespace = '', rest } = path
  if (name === undefined || subresource === undefined || !CONNECTIONS.has(subresource)) return undefined
  if (!resource.subresources.includes(subresource)) return undefined
  return { resource, subresource, namespace, name, path: rest, query, request }
}

/** Finds the resource of a path and checks that the user may use it. @throws ApiError 403, 404; undefined: no such group */
export function resolve(call: Call, path: ResourcePath): ResourceCall | undefined {
  const { registry } = call.api
  const watching = isWatch({ query: call.query, path })
  const { group, version, namespace, plural, name, subresource } = path
  const scope = plural === 'namespaces' ? name : namespace
  checkAllowed(call, {
    verb: verbOf(call.request.method ?? 'GET', path, watching),
    group,
    resource: plural,
    subresource,
    namespace: scope,
    name,
  })
  const resource = registry.find(group, plural, version)
  if (!resource) {
    const siblings = registry.resources().filter((other) => other.group === group)
    const isServed = siblings.some((other) => other.version === version)
    if (siblings.length === 0 || (!isServed && siblings.every((other) => other.custom))) return undefined
    throw noSuchResource()
  }
  const isNamespace = group === '' && plural === 'namespaces'
  const home = resource.namespaced || isNamespace ? namespace : undefined
  return { ...call, resource, path: { ...path, namespace: isNamespace ? undefined : home } }
}

function methodsOf(
  resource: Resource,
  path: ResourcePath,
): Record<string, (call: ResourceCall) => void | Promise<void>> {
  if (!resource.verbs.includes('get')) return { POST: review }
  if (path.subresource !== undefined) return subresourceMethods(resource, path.subresource)
  if (path.name !== undefined) {
    if (resource.namespaced && path.namespace === undefined) return {}
    return { GET: get, PUT: writes.update, PATCH: writes.patch, DELETE: writes.remove }
  }
  if (resource.namespaced && path.namespace === undefined) return { GET: collection }
  return { GET: collection, POST: writes.create, DELETE: writes.removeAll }
}

function subresourceMethods(resource: Resource, subresource: string) {
  if (!resource.subresources.includes(subresource)) throw noSuchResource()
  const verbs = subresourceVerbs(subresource)
  const creators: Record<string, (call: ResourceCall) => Promise<void>> = {
    binding: subresources.bind,
    eviction: subresources.evict,
    token: subresources.token,
  }
  const create = creators[subresource]
  return {
    ...(verbs.includes('get') ? { GET: subresources.read } : {}),
    ...(verbs.includes('update') ? { PUT: writes.update } : {}),
    ...(verbs.includes('patch') ? { PATCH: writes.patch } : {}),
    ...(create ? { POST: create } : {}),
  }
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
}

function get(call: ResourceCall): void {
  const { api, path, resource } = call
  if (isWatch(call)) watch(call, path.name)
  else sendObject(call, api.registry.get(resource, path.namespace, path.name as string))
}

const collection = (call: ResourceCall): void => (isWatch(call) ? watch(call) : list(call))

/** Answers a request under `/api/<version>/…` or `/apis/<group>/<version>/…`. */
export async function route(call: Call, path: ResourcePath): Promise<void> {
  const found = resolve(call, path)
  if (!found) return sendText(call.response, 404, '404 page not found\n')
  const { resource } = found
  const deprecation = resource.group === '' ? DEPRECATED[resource.plural] : resource.custom?.deprecationWarning
  if (deprecation) writes.warner(call)(deprecation)
  const connection = connectionOf(found)
  if (connection) return call.api.connector.serve(connection, call.response)
  const method = call.request.method === 'HEAD' ? 'GET' : (call.request.method ?? 'GET')
  const handler = methodsOf(resource, found.path)[method]
  const verb = VERBS[method]
  if (!handler || (verb && !path.subresource && !resource.verbs.includes(verb))) throw methodNotAllowed()
  if (method === 'DELETE' && !resource.verbs.includes(path.name === undefined ? 'deletecollection' : 'delete')) {
    throw methodNotAllowed()
  }
  await handler(found)
}
