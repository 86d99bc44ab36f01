import { ManualClock } from '../../core/clock.ts'
import { Store } from '../../core/store.ts'
import type { KubeObject, Resource, Writer } from '../types.ts'
import type { Kinds } from './kinds.ts'
import { StoreRegistry } from './registry/registry.ts'

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const resource = (group: string, plural: string, kind: string, more: Partial<Resource> = {}): Resource => ({
  group,
  version: 'v1',
  plural,
  kind,
  singular: kind.toLowerCase(),
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ALL,
  subresources: [],
  hasGeneration: false,
  ...more,
})

/** Kinds without schemas, for tests of what does not depend on them. */
export const plainKinds: Kinds = {
  builtInResources: [
    resource('', 'namespaces', 'Namespace', { namespaced: false, subresources: ['status', 'finalize'] }),
    resource('', 'configmaps', 'ConfigMap'),
    resource('', 'secrets', 'Secret'),
    resource('', 'services', 'Service', { subresources: ['status'] }),
    resource('', 'serviceaccounts', 'ServiceAccount', { subresources: ['token'] }),
    resource('', 'pods', 'Pod', { subresources: ['status', 'binding', 'eviction'], hasGeneration: true }),
    resource('apps', 'deployments', 'Deployment', { subresources: ['status', 'scale'], hasGeneration: true }),
    resource('apiextensions.k8s.io', 'customresourcedefinitions', 'CustomResourceDefinition', { namespaced: false }),
  ],
  decodeObject: (_, value) => ({ object: value as KubeObject, warnings: [] }),
  applyDefaults: (_, object) => object,
  prepare: (target, object, old, subresource) => {
    if (!target.subresources.includes('status')) return object
    if (subresource === 'status') return { ...(old as KubeObject), metadata: object.metadata, status: object['status'] }
    const { status: _, ...rest } = object
    return { ...(rest as KubeObject), ...(old?.['status'] ? { status: old['status'] } : {}) }
  },
  validate: () => [],
  schemaOf: () => undefined,
  convert: (_, object) => object,
  decodeProtobuf: () => ({}),
  openapiIndex: () => ({}),
  openapiDocument: () => ({}),
  openapiV2Document: () => ({}),
  openapiV2Protobuf: () => Buffer.alloc(0),
  tableOf: () => ({ columnDefinitions: [], rows: [] }),
  selectableFields: (_, { metadata }) => ({
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace ?? '',
  }),
  customResource: () => [],
  validateDefinition: () => [],
}

export const writer: Writer = { user: 'tester', groups: [], fieldManager: 'test' }

/** A registry in memory with the namespace `demo`, and ways to reach its resources. */
export function testRegistry(kinds: Kinds = plainKinds) {
  const clock = new ManualClock()
  const store = Store.inMemory()
  const registry = new StoreRegistry({ store, clock, kinds })
  const of = (plural: string, group = ''): Resource => {
    const found = registry.find(group, plural)
    if (!found) throw new Error(`no resource ${plural}`)
    return found
  }
  const create = (plural: string, object: object, group = '') =>
    registry.create(of(plural, group), of(plural, group).namespaced ? 'demo' : undefined, object as KubeObject, writer)
  create('namespaces', { metadata: { name: 'demo' } })
  create('serviceaccounts', { metadata: { name: 'default' } })
  return { clock, store, registry, of, create }
}
