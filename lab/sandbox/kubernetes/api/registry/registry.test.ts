import { describe, expect, it } from 'vitest'
import type { RegistryEvent } from '../../types.ts'
import { testRegistry, writer } from '../testing.ts'

describe('create', () => {
  it('gives an object its uid, times and version, and refuses a second of that name', () => {
    const { create } = testRegistry()
    const made = create('configmaps', { metadata: { name: 'a', uid: 'x', generation: 7 }, data: { k: 'v' } })
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'demo', creationTimestamp: '2026-01-01T00:00:00Z' },
    })
    expect(made.metadata.generation).toBeUndefined()
    expect(Number(made.metadata.resourceVersion)).toBeGreaterThan(0)
    expect(() => create('configmaps', { metadata: { name: 'a' } })).toThrow('configmaps "a" already exists')
  })

  it('refuses a namespace that is missing or going away', () => {
    const { create, of, registry } = testRegistry()
    expect(() => registry.create(of('configmaps'), 'x', { metadata: { name: 'a' } } as never, writer)).toThrow(
      'namespaces "x" not found',
    )
    create('configmaps', { metadata: { name: 'kept' } })
    const namespace = create('namespaces', { metadata: { name: 'two' }, spec: { finalizers: ['kubernetes'] } })
    const removed = registry.remove(of('namespaces'), undefined, 'two', {}, writer)
    expect(removed).toMatchObject({ gone: false, object: { status: { phase: 'Terminating' } } })
    expect(namespace.metadata.deletionTimestamp).toBeUndefined()
    expect(() => registry.create(of('configmaps'), 'two', { metadata: { name: 'a' } } as never, writer)).toThrow(
      'configmaps "a" is forbidden: unable to create new content in namespace two because it is being terminated',
    )
  })

  it('makes names', () => {
    const { create } = testRegistry()
    expect(create('configmaps', { metadata: { generateName: 'a-' } }).metadata.name).toMatch(/^a-[a-z0-9]{5}$/)
    expect(() => create('configmaps', { metadata: {} })).toThrow('metadata.name: Required value')
  })

  it('writes nothing on a dry run', () => {
    const { registry, of, store } = testRegistry()
    const before = store.revision
    const object = { metadata: { name: 'ghost' } } as never
    const made = registry.create(of('configmaps'), 'demo', object, { ...writer, dryRun: true })
    expect(made.metadata.uid).toBeDefined()
    expect(made.metadata.resourceVersion).toBeUndefined()
    expect(store.revision).toBe(before)
  })
})

describe('update and patch', () => {
  const deployment = { metadata: { name: 'web' }, spec: { replicas: 1 }, status: { replicas: 9 } }

  it('counts changes of the spec, and of the annotations of a Deployment', () => {
    const { create, registry, of } = testRegistry()
    const made = create('deployments', deployment, 'apps')
    expect(made['status']).toBeUndefined()
    const patch = (body: object, subresource?: string) =>
      registry.patch(of('deployments', 'apps'), 'demo', 'web', { type: 'merge', body }, writer, subresource).object
    expect(patch({ metadata: { labels: { a: 'b' } } }).metadata.generation).toBe(1)
    expect(patch({ spec: { replicas: 2 } }).metadata.generation).toBe(2)
    expect(patch({ metadata: { annotations: { a: 'b' } } }).metadata.generation).toBe(3)
    expect(patch({ status: { replicas: 2 } }, 'status')).toMatchObject({
      metadata: { generation: 3 },
      status: { replicas: 2 },
    })
    expect(patch({ status: { replicas: 5 } })['status']).toEqual({ replicas: 2 })
  })

  it('keeps the version of an object that does not change', () => {
    const { create, registry, of, store } = testRegistry()
    const made = create('configmaps', { metadata: { name: 'a' }, data: { k: 'v' } })
    const before = store.revision
    expect(registry.update(of('configmaps'), 'demo', 'a', { ...made }, writer)).toEqual(made)
    expect(store.revision).toBe(before)
  })

  it('refuses an outdated version and another uid', () => {
    const { create, registry, of } = testRegistry()
    const made = create('configmaps', { metadata: { name: 'a' } })
    registry.update(of('configmaps'), 'demo', 'a', { ...made, data: { k: 'v' } }, writer)
    const update = (object: object) => () => registry.update(of('configmaps'), 'demo', 'a', object as never, writer)
    expect(update(made)).toThrow('Operation cannot be fulfilled on configmaps "a": the object has been modified')
    expect(update({ metadata: { name: 'a', uid: 'other' } })).toThrow('Precondition failed: UID in precondition: other')
    expect(update({ metadata: { name: 'b' } })).toThrow('does not match the name on the URL (a)')
  })
})

describe('remove', () => {
  it('waits for finalizers and goes with the last', () => {
    const { create, registry, of } = testRegistry()
    create('configmaps', { metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    const marked = registry.remove(of('configmaps'), 'demo', 'held', {}, writer)
    expect(marked).toMatchObject({ gone: false, object: { metadata: { deletionGracePeriodSeconds: 0 } } })
    const finalizers = (list: string[] | null) => () =>
      registry.patch(
        of('configmaps'),
        'demo',
        'held',
        { type: 'merge', body: { metadata: { finalizers: list } } },
        writer,
      )
    expect(finalizers(['example.com/hold', 'example.com/new'])).toThrow('no new finalizers can be added')
    expect(finalizers(null)().object.metadata.deletionTimestamp).toBeDefined()
    expect(() => registry.get(of('configmaps'), 'demo', 'held')).toThrow('configmaps "held" not found')
  })

  it('gives a running Pod its grace period, which the kubelet ends', () => {
    const { create, registry, of } = testRegistry()
    create('pods', { metadata: { name: 'p' }, spec: { nodeName: 'node', terminationGracePeriodSeconds: 30 } })
    const first = registry.remove(of('pods'), 'demo', 'p', {}, writer)
    expect(first.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    })
    expect(registry.remove(of('pods'), 'demo', 'p', {}, writer).gone).toBe(false)
    expect(registry.remove(of('pods'), 'demo', 'p', { gracePeriodSeconds: 0 }, writer).gone).toBe(true)
  })

  it('honours preconditions', () => {
    const { create, registry, of } = testRegistry()
    create('configmaps', { metadata: { name: 'a' } })
    const remove = () => registry.remove(of('configmaps'), 'demo', 'a', { preconditions: { uid: 'x' } }, writer)
    expect(remove).toThrow('the UID in the precondition (x) does not match the UID in record')
  })
})

describe('services', () => {
  it('get an address and node ports that no other Service has', () => {
    const { create } = testRegistry()
    const web = create('services', { metadata: { name: 'web' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } })
    expect(web['spec'].clusterIP).toMatch(/^10\.96\.\d+\.\d+$/)
    expect(web['spec'].ports[0].nodePort).toBeGreaterThanOrEqual(30000)
    const taken = { clusterIP: web['spec'].clusterIP, ports: [{ port: 80 }] }
    expect(() => create('services', { metadata: { name: 'two' }, spec: taken })).toThrow('already allocated')
    expect(create('services', { metadata: { name: 'h' }, spec: { clusterIP: 'None' } })['spec'].clusterIP).toBe('None')
  })
})

describe('watch', () => {
  it('tells each write in order of its version', () => {
    const { create, registry, of } = testRegistry()
    const seen: RegistryEvent[] = []
    registry.watch(of('configmaps'), (event) => seen.push(event))
    create('configmaps', { metadata: { name: 'a' } })
    registry.patch(of('configmaps'), 'demo', 'a', { type: 'merge', body: { data: { k: 'v' } } }, writer)
    registry.remove(of('configmaps'), 'demo', 'a', {}, writer)
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    const versions = seen.map(({ object }) => Number(object.metadata.resourceVersion))
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    expect(new Set(versions).size).toBe(3)
  })
})
