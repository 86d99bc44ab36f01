import { afterEach, describe, expect, it } from 'vitest'
import * as builtIn from '../../kinds/index.ts'
import type { Kinds } from '../kinds.ts'
import { testRegistry, writer } from '../testing.ts'
import { DefinitionController } from './definition-controller.ts'
import { DisruptionController } from './disruption-controller.ts'
import { EventExpiry } from './event-expiry.ts'
import { GarbageCollector } from './garbage-collector.ts'
import { NamespaceController } from './namespace-controller.ts'
import { RoleAggregation } from './role-aggregation.ts'
import type { Controller } from './work-queue.ts'

const kinds: Kinds = builtIn
const running: Controller[] = []
afterEach(() => {
  for (const controller of running.splice(0)) controller.close()
})

function world() {
  const base = testRegistry(kinds)
  const complaints: string[] = []
  const options = { clock: base.clock, log: (line: string) => complaints.push(line) }
  running.push(
    new GarbageCollector(base.registry, options),
    new NamespaceController(base.registry, options),
    new DefinitionController(base.registry, options),
    new DisruptionController(base.registry, options),
    new RoleAggregation(base.registry, options),
    new EventExpiry(base.registry, base.clock),
  )
  const names = (plural: string, group = '') =>
    base.registry.list(base.of(plural, group), 'demo').items.map(({ metadata }) => metadata.name)
  const remove = (plural: string, name: string, options: object = {}) =>
    base.registry.remove(base.of(plural), base.of(plural).namespaced ? 'demo' : undefined, name, options, writer)
  /** Lets the controllers do all that follows. */
  const settle = async () => {
    for (let round = 0; round < 10; round++) await base.clock.advance(0)
    expect(complaints).toEqual([])
  }
  const owned = (name: string, uid: string | undefined, more: object = {}) => ({
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, ...more }] },
  })
  return { ...base, names, remove, settle, owned }
}

describe('garbage collection', () => {
  it('follows owners in the background, by default', async () => {
    const { create, names, remove, settle, owned } = world()
    const { uid } = create('configmaps', { metadata: { name: 'owner' } }).metadata
    const child = create('secrets', owned('child', uid))
    create('secrets', {
      metadata: {
        name: 'grandchild',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name: 'child', uid: child.metadata.uid }],
      },
    })
    create('secrets', owned('stray', '11111111-2222-3333-4444-555555555555'))
    await settle()
    expect(names('secrets')).toEqual(['child', 'grandchild'])
    remove('configmaps', 'owner')
    await settle()
    expect(names('secrets')).toEqual([])
  })

  it('orphans', async () => {
    const { create, names, remove, settle, owned, registry, of } = world()
    const { uid } = create('configmaps', { metadata: { name: 'owner' } }).metadata
    create('secrets', owned('kept', uid))
    expect(remove('configmaps', 'owner', { propagationPolicy: 'Orphan' }).object.metadata.finalizers).toEqual([
      'orphan',
    ])
    await settle()
    expect(names('configmaps')).toEqual([])
    expect(registry.get(of('secrets'), 'demo', 'kept').metadata.ownerReferences).toBeUndefined()
  })

  it('waits in the foreground for what blocks', async () => {
    const { create, names, remove, settle, owned, registry, of } = world()
    const { uid } = create('configmaps', { metadata: { name: 'owner' } }).metadata
    const blocker = owned('blocker', uid, { blockOwnerDeletion: true })
    create('secrets', { ...blocker, metadata: { ...blocker.metadata, finalizers: ['example.com/hold'] } })
    remove('configmaps', 'owner', { propagationPolicy: 'Foreground' })
    await settle()
    expect(names('configmaps')).toEqual(['owner'])
    expect(registry.get(of('secrets'), 'demo', 'blocker').metadata.deletionTimestamp).toBeDefined()
    const release = { type: 'merge', body: { metadata: { finalizers: null } } } as const
    registry.patch(of('secrets'), 'demo', 'blocker', release, writer)
    await settle()
    expect([...names('configmaps'), ...names('secrets')]).toEqual([])
  })

  it('takes away references to missing owners where one is left', async () => {
    const { create, settle, registry, of } = world()
    const { uid } = create('configmaps', { metadata: { name: 'owner' } }).metadata
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }
    const missing = { ...reference, name: 'gone', uid: '11111111-2222-3333-4444-555555555555' }
    create('secrets', { metadata: { name: 'child', ownerReferences: [missing, reference] } })
    await settle()
    expect(registry.get(of('secrets'), 'demo', 'child').metadata.ownerReferences).toEqual([reference])
  })
})

describe('namespaces', () => {
  it('are emptied, say what holds them, and go', async () => {
    const { create, remove, settle, registry, of } = world()
    create('configmaps', { metadata: { name: 'kept', finalizers: ['example.com/hold'] } })
    remove('namespaces', 'demo')
    await settle()
    const { status } = registry.get(of('namespaces'), undefined, 'demo')
    expect(status.phase).toBe('Terminating')
    expect(status.conditions.map(({ message }: { message: string }) => message).slice(-2)).toEqual([
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ])
    const release = { type: 'merge', body: { metadata: { finalizers: null } } } as const
    registry.patch(of('configmaps'), 'demo', 'kept', release, writer)
    await settle()
    expect(() => registry.get(of('namespaces'), undefined, 'demo')).toThrow('namespaces "demo" not found')
  })
})

describe('definitions', () => {
  it('are served once established, and take their objects along', async () => {
    const { create, settle, registry, of } = world()
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }
    const names = { plural: 'gadgets', kind: 'Gadget' }
    const spec = { group: 'example.com', scope: 'Namespaced', names, versions: [version] }
    create('customresourcedefinitions', { metadata: { name: 'gadgets.example.com' }, spec }, 'apiextensions.k8s.io')
    expect(registry.find('example.com', 'gadgets')).toBeUndefined()
    await settle()
    create('gadgets', { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'one' } }, 'example.com')
    const definitions = of('customresourcedefinitions', 'apiextensions.k8s.io')
    registry.remove(definitions, undefined, 'gadgets.example.com', {}, writer)
    await settle()
    expect(registry.find('example.com', 'gadgets')).toBeUndefined()
    expect(registry.list(definitions, undefined).items).toEqual([])
  })
})

describe('events', () => {
  it('last an hour', async () => {
    const { create, names, clock } = world()
    const involvedObject = { kind: 'Pod', namespace: 'demo', name: 'p' }
    create('events', { metadata: { name: 'old' }, involvedObject, reason: 'R', message: 'm', type: 'Normal' })
    await clock.advance(59 * 60_000)
    expect(names('events')).toEqual(['old'])
    await clock.advance(3 * 60_000)
    expect(names('events')).toEqual([])
  })
})

describe('aggregated roles', () => {
  it('have the rules of the roles they choose, as those change', async () => {
    const { create, of, registry, settle } = world()
    const group = 'rbac.authorization.k8s.io'
    const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })
    const part = (name: string, labels: object) =>
      create('clusterroles', { metadata: { name, labels }, rules: [rule('pods'), rule(name)] }, group)
    const sum = {
      metadata: { name: 'sum' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'sum' } }] },
    }
    create('clusterroles', sum, group)
    part('b', { to: 'sum' })
    part('a', { to: 'sum' })
    part('c', { to: 'other' })
    const rules = () => registry.get(of('clusterroles', group), undefined, 'sum')['rules']
    await settle()
    expect(rules()).toEqual([rule('pods'), rule('a'), rule('b')])
    registry.remove(of('clusterroles', group), undefined, 'a', {}, writer)
    await settle()
    expect(rules()).toEqual([rule('pods'), rule('b')])
  })
})
