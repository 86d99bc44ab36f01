import { createHash } from 'node:crypto'
import type { Resource } from '../../types.ts'
import { groupVersion } from '../registry/conversion.ts'
import { noSuchResource } from '../registry/errors.ts'
import type { Call } from './context.ts'
import { parseAccept } from './negotiate.ts'
import type { GroupPath } from './request-info.ts'
import { send, sendText } from './respond.ts'

/** Subresources that answer with another kind than their resource, by name. */
const KINDS: Readonly<Record<string, { group: string; version: string; kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
}

const OPTIONS: Readonly<Record<string, string>> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
}

function kindOf(resource: Resource, subresource: string): { group: string; version: string; kind: string } {
  if (subresource === 'proxy') return { group: '', version: '', kind: `${resource.kind}ProxyOptions` }
  const options = OPTIONS[subresource]
  if (options) return { group: '', version: '', kind: options }
  const own = { group: '', version: '', kind: resource.kind }
  const other = KINDS[subresource]
  return other && other.group !== resource.group ? other : { ...own, kind: other?.kind ?? resource.kind }
}

/** Verbs of a subresource. */
export function subresourceVerbs(subresource: string): string[] {
  if (['status', 'scale'].includes(subresource)) return ['get', 'patch', 'update']
  if (subresource === 'finalize') return ['update']
  if (subresource === 'log') return ['get']
  if (['exec', 'attach', 'portforward'].includes(subresource)) return ['create', 'get']
  if (subresource === 'proxy') return ['create', 'delete', 'get', 'patch', 'update']
  return ['create']
}

/** Custom resources list their verbs in another order. */
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

const verbsOf = (resource: Resource): readonly string[] => (resource.custom ? CUSTOM_VERBS : resource.verbs)

const storageHash = (resource: Resource): string =>
  createHash('sha512')
    .update(`${groupVersion(resource)}/${resource.kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64')

const optional = (name: string, words: readonly string[]) => (words.length > 0 ? { [name]: words } : {})

function listed(resource: Resource): unknown[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource
  const stored = resource.verbs.includes('list') && resource.plural !== 'componentstatuses'
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(resource),
    ...optional('shortNames', shortNames),
    ...optional('categories', categories),
    ...(stored ? { storageVersionHash: storageHash(resource) } : {}),
  }
  const others = resource.subresources.map((subresource) => {
    const { group, version, kind } = kindOf(resource, subresource)
    return {
      name: `${plural}/${subresource}`,
      singularName: '',
      namespaced,
      ...(group ? { group, version } : {}),
      kind,
      verbs: subresourceVerbs(subresource),
    }
  })
  return [own, ...others]
}

function aggregated(resource: Resource): unknown {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource
  const subresources = resource.subresources.map((subresource) => ({
    subresource,
    responseKind: kindOf(resource, subresource),
    verbs: subresourceVerbs(subresource),
  }))
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(resource),
    ...optional('shortNames', shortNames),
    ...optional('categories', categories),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}

/** The order in which the real server lists its groups, which decides what an ambiguous name means. */
const GROUPS = [
  '',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
]

/** Groups in order, those of custom resources last, each with its versions. The core group is `''`. */
function groupsOf(resources: readonly Resource[]): Map<string, Map<string, Resource[]>> {
  const groups = new Map<string, Map<string, Resource[]>>()
  for (const resource of resources) {
    const versions = groups.get(resource.group) ?? new Map<string, Resource[]>()
    groups.set(resource.group, versions)
    versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource])
  }
  const place = (group: string) => (GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length)
  return new Map([...groups].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)))
}

const AGGREGATED = ['v2', 'v2beta1']

/** The aggregated form, when that is what the client asks for first. */
function sendAggregated(call: Call, groups: Map<string, Map<string, Resource[]>>): boolean {
  const range = parseAccept(call.request.headers.accept).find(({ type, parameters }) => {
    if (parameters.get('as') !== 'APIGroupDiscoveryList') return parameters.size === 0 && type === 'application/json'
    return type === 'application/json' && AGGREGATED.includes(parameters.get('v') ?? '')
  })
  const version = range?.parameters.get('v')
  if (!version) return false
  const items = [...groups].map(([name, versions]) => ({
    metadata: name ? { name } : {},
    versions: [...versions].map(([version, resources]) => ({
      version,
      resources: resources.map(aggregated),
      freshness: 'Current',
    })),
  }))
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
  const body = { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
  send(call.request, call.response, { body, contentType, headers: { vary: 'Accept' } })
  return true
}

function groupOf(name: string, versions: Map<string, Resource[]>) {
  const all = [...versions.keys()].map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: all, preferredVersion: all[0] }
}

type Groups = ReturnType<typeof groupsOf>

/** The plain document of a path; undefined when there is no such group. @throws ApiError 404 */
function documentOf(call: Call, isLegacy: boolean, { group, version }: GroupPath, groups: Groups): unknown {
  if (isLegacy && version === undefined) {
    const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress: call.request.headers.host }]
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses }
  }
  if (!isLegacy && group === undefined) {
    const list = [...groups].filter(([name]) => name !== '').map(([name, versions]) => groupOf(name, versions))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: list }
  }
  const versions = groups.get(group ?? '')
  if (!versions || (group === '' && !isLegacy)) return undefined
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group as string, versions) }
  const resources = versions.get(version)
  if (!resources) throw noSuchResource()
  return {
    kind: 'APIResourceList',
    ...(isLegacy ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion({ group: group ?? '', version }),
    resources: resources.flatMap(listed),
  }
}

/** `/api`, `/apis` and what lies below them up to a version. */
export function discovery(call: Call, isLegacy: boolean, path: GroupPath): void {
  const groups = groupsOf(call.api.registry.resources())
  const isIndex = isLegacy ? path.version === undefined : path.group === undefined
  const listed = new Map([...groups].filter(([name]) => (name === '') === isLegacy))
  if (isIndex && sendAggregated(call, listed)) return
  const body = documentOf(call, isLegacy, path, groups)
  if (body) send(call.request, call.response, { body })
  else sendText(call.response, 404, '404 page not found\n')
}
