import { createHash } from 'node:crypto'
import protobuf from 'protobufjs/minimal.js'
import type { Resource } from '../../types.ts'
import { isEmbedded, type StructuralSchema } from '../custom/schema.ts'
import { modelOf, modelOfKind, modelOfResource } from '../model/model.ts'
import type { Json } from '../normalize.ts'
import { Components, LIST_META } from './components.ts'
import { basePath, pathsOf } from './paths.ts'

const INFO = { title: 'Kubernetes', version: 'v1.36.2' }
const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized ' +
  'schemas to the latest internal value, and may reject unrecognized values. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources'

/** Kinds that are sent to subresources of a group. */
const BODIES: Readonly<Record<string, readonly [group: string, version: string, kind: string][]>> = {
  '/api/v1': [
    ['policy', 'v1', 'Eviction'],
    ['autoscaling', 'v1', 'Scale'],
    ['authentication.k8s.io', 'v1', 'TokenRequest'],
  ],
  '/apis/apps/v1': [['autoscaling', 'v1', 'Scale']],
}

const servedBy = (path: string, resources: readonly Resource[]): Resource[] =>
  resources.filter((resource) => basePath(resource) === path)

/** Changes whenever a document would. */
function hashOf(resources: readonly Resource[]): string {
  const essence = resources.map(({ kind, plural, subresources, custom }) => [
    kind,
    plural,
    subresources,
    custom?.schema,
  ])
  return createHash('sha512')
    .update(JSON.stringify([INFO, essence]))
    .digest('hex')
    .toUpperCase()
}

/** What `GET /openapi/v3` answers: a document per group and version. */
export function openapiIndex(resources: readonly Resource[]): unknown {
  const paths = [...new Set(resources.map(basePath))]
  const groups = paths.map((path) => path.split('/').slice(0, 3).join('/')).filter((path) => path !== '/api/v1')
  const all = ['/api', '/apis', '/version', ...new Set(groups), ...paths].sort()
  const entry = (path: string) => `/openapi/v3${path}?hash=${hashOf(servedBy(path, resources))}`
  return { paths: Object.fromEntries(all.map((path) => [path.slice(1), { serverRelativeURL: entry(path) }])) }
}

const documents = new Map<string, unknown>()

/**
 * The OpenAPI v3 document of a group and version: `api/v1` or `v1`, `apis/apps/v1` or `apps/v1`. `undefined` if none of
 * the resources is in it and it is no path of the index.
 */
export function openapiDocument(groupVersion: string, resources: readonly Resource[]): unknown {
  const name = groupVersion.replace(/^\//, '')
  const path = /^(apis?(\/|$)|version$)/.test(name) ? `/${name}` : name.includes('/') ? `/apis/${name}` : `/api/${name}`
  const served = servedBy(path, resources)
  if (served.length === 0) return isIndexPath(path, resources) ? emptyDocument() : undefined
  const key = `${path} ${hashOf(served)}`
  let document = documents.get(key)
  if (!document) {
    document = build(path, served)
    for (const old of documents.keys()) if (old.startsWith(`${path} `)) documents.delete(old)
    documents.set(key, document)
  }
  return document
}

const isIndexPath = (path: string, resources: readonly Resource[]): boolean =>
  ['/api', '/apis', '/version'].includes(path) || resources.some(({ group }) => `/apis/${group}` === path)

const emptyDocument = () => ({ openapi: '3.0.0', info: INFO, paths: {}, components: { schemas: {} } })

function build(path: string, served: readonly Resource[]): unknown {
  const components = new Components('v3')
  const paths: Json = {}
  for (const resource of served)
    Object.assign(paths, pathsOf(resource, addKind(resource, components), components, 'v3'))
  for (const [group, version, kind] of BODIES[path] ?? []) {
    const model = modelOfKind(group, version, kind)
    if (model) components.add(model, [{ group, kind, version }])
  }
  const [first] = served as [Resource]
  const options = { group: first.group, kind: 'DeleteOptions', version: first.version }
  components.add(modelOf('V1DeleteOptions'), [options])
  return { openapi: '3.0.0', info: INFO, paths, components: { schemas: components.schemas } }
}

/** What `GET /openapi/v2` answers: all kinds in one document, for clients from before version 3. */
export function openapiV2Document(resources: readonly Resource[]): unknown {
  const components = new Components('v2')
  const paths: Json = {}
  for (const resource of resources) {
    Object.assign(paths, pathsOf(resource, addKind(resource, components), components, 'v2'))
  }
  return { swagger: '2.0', info: INFO, paths, definitions: components.schemas }
}

/**
 * The same for clients that ask for `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`: title and version
 * alone. kubectl asks for it when version 3 does not know a kind, to check bodies itself; without definitions it leaves
 * that to the server.
 */
export function openapiV2Protobuf(): Buffer {
  // Document: swagger = 1, info = 2 { title = 1, version = 2 }.
  const writer = protobuf.Writer.create().uint32(10).string('2.0').uint32(18).fork()
  writer.uint32(10).string(INFO.title).uint32(18).string(INFO.version).ldelim()
  return Buffer.from(writer.finish())
}

/** Adds the schema of a resource and of its list; returns the name of the former. */
function addKind(resource: Resource, components: Components): string {
  const { group, version, kind } = resource
  const model = modelOfResource(resource)
  const gvk = { group, kind, version }
  const name = model ? components.add(model, [gvk]) : addCustom(resource, components, gvk)
  if (!resource.verbs.includes('list')) return name
  components.schemas[`${name}List`] = {
    description: `${kind}List is a list of ${kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: API_VERSION, type: 'string' },
      items: { description: `List of ${resource.plural}.`, type: 'array', items: components.reference(name) },
      kind: { description: 'Kind is the kind of this list.', type: 'string' },
      metadata: components.reference(LIST_META),
    },
    'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${kind}List` }],
  }
  components.schemas[LIST_META] ??= {
    description: 'ListMeta describes metadata that synthetic resources must have, including lists.',
    type: 'object',
    properties: {
      continue: { type: 'string' },
      remainingItemCount: { type: 'integer', format: 'int64' },
      resourceVersion: { type: 'string' },
      selfLink: { type: 'string' },
    },
  }
  return name
}

/** `example.com`, `v1`, `Widget` → `com.example.v1.Widget` */
function addCustom(resource: Resource, components: Components, gvk: Json): string {
  const name = `${resource.group.split('.').reverse().join('.')}.${resource.version}.${resource.kind}`
  const schema = resource.custom?.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const meta = components.reference(components.add(modelOf('V1ObjectMeta')))
  const own = published(schema)
  components.schemas[name] = {
    ...own,
    properties: {
      apiVersion: { description: API_VERSION, type: 'string' },
      kind: {
        description: 'Kind is a string value representing the REST resource this object represents.',
        type: 'string',
      },
      metadata: meta,
      ...withoutMetadata(own.properties),
    },
    'x-kubernetes-group-version-kind': [gvk],
  }
  return name
}

const withoutMetadata = ({ apiVersion: _, kind: __, metadata: ___, ...properties }: Json = {}): Json => properties

/** A structural schema as OpenAPI: rules stay behind, and what may be anything has no type. */
function published(schema: StructuralSchema): Json {
  const { 'x-kubernetes-validations': _, nullable: __, ...own } = schema
  if (schema['x-kubernetes-int-or-string']) return { ...own, anyOf: [{ type: 'integer' }, { type: 'string' }] }
  const result: Json = { ...own }
  if (schema.properties) {
    const entries = Object.entries(schema.properties).map(([name, inner]) => [
      name,
      published(inner as StructuralSchema),
    ])
    result.properties = Object.fromEntries(entries)
  }
  if (schema.items) result.items = published(schema.items)
  if (schema.additionalProperties && schema.additionalProperties !== true) {
    result.additionalProperties = published(schema.additionalProperties)
  }
  if (isEmbedded(schema)) result.type ??= 'object'
  return result
}
