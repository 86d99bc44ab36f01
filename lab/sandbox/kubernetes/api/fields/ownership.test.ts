import { describe, expect, it } from 'vitest'
import type { KubeObject, ManagedFieldsEntry, Schema } from '../../types.ts'
import { FieldSet } from './field-set.ts'
import { applyConfiguration, ownersAfterUpdate } from './ownership.ts'
import { merge } from './typed.ts'

const text: Schema = { type: 'string' }
const number: Schema = { type: 'integer' }
const ports: Schema = {
  type: 'array',
  list: 'map',
  listKeys: ['port', 'protocol'],
  items: { type: 'object', fields: { name: text, port: number, protocol: text } },
}
const schema: Schema = {
  type: 'object',
  fields: {
    apiVersion: text,
    kind: text,
    metadata: { type: 'object', fields: { name: text, labels: { type: 'object', values: text } } },
    data: { type: 'object', values: text },
    spec: { type: 'object', fields: { ports, selector: { type: 'object', values: text, atomic: true } } },
  },
}

const empty = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } as KubeObject
const none = new FieldSet()
const config = (fields: object): KubeObject => ({ ...empty, metadata: { name: 'x' }, ...fields })

/** Applies one configuration after another, each with its manager, and returns the last object. */
function applied(...steps: [manager: string, fields: object, force?: boolean][]): KubeObject {
  return steps.reduce((live, [manager, fields, force = false], at) => {
    const time = `2026-01-01T00:00:0${at}Z`
    const write = { schema, manager: { manager, operation: 'Apply', apiVersion: 'v1' } as const, time, live }
    const { object, managedFields } = applyConfiguration(config(fields), force, none, empty, write)
    const metadata = { ...object.metadata, creationTimestamp: '2026-01-01T00:00:00Z', managedFields }
    return { ...object, metadata }
  }, empty)
}

const ownersOf = ({ metadata }: KubeObject) =>
  Object.fromEntries((metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]))

describe('server-side apply', () => {
  it('owns what it names and lets two share what they agree on', () => {
    const object = applied(['alpha', { data: { a: '1', b: '2' } }], ['beta', { data: { b: '2', c: '3' } }])
    expect(object['data']).toEqual({ a: '1', b: '2', c: '3' })
    expect(ownersOf(object)).toEqual({
      alpha: { 'f:data': { 'f:a': {}, 'f:b': {} } },
      beta: { 'f:data': { 'f:b': {}, 'f:c': {} } },
    })
  })

  it('refuses to change what another owns, names each field, and takes it over by force', () => {
    const first: [string, object] = ['alpha', { data: { a: '1', b: '2' } }]
    expect(() => applied(first, ['beta', { data: { a: '9' } }])).toThrow(
      'Apply failed with 1 conflict: conflict with "alpha": .data.a',
    )
    expect(() => applied(first, ['beta', { data: { a: '9', b: '9' } }])).toThrow(
      'Apply failed with 2 conflicts: conflicts with "alpha":\n- .data.a\n- .data.b',
    )
    expect(ownersOf(applied(first, ['beta', { data: { a: '9' } }, true]))).toEqual({
      alpha: { 'f:data': { 'f:b': {} } },
      beta: { 'f:data': { 'f:a': {} } },
    })
  })

  it('removes what its owner no longer names, unless somebody else does', () => {
    const object = applied(
      ['alpha', { data: { a: '1', b: '2' }, metadata: { name: 'x', labels: { l: 'v' } } }],
      ['beta', { data: { b: '2' } }],
      ['alpha', {}],
    )
    expect(object['data']).toEqual({ b: '2' })
    expect(object.metadata.labels).toBeUndefined()
    expect(object.metadata.name).toBe('x')
    expect(ownersOf(object)).toEqual({ beta: { 'f:data': { 'f:b': {} } } })
  })

  it('merges lists by their keys, whose defaults count', () => {
    const object = applied(
      ['alpha', { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'a' }] } }],
      ['beta', { spec: { ports: [{ port: 81, name: 'b' }] } }],
    )
    expect(object['spec'].ports.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
    expect(ownersOf(object)['beta']).toEqual({
      'f:spec': { 'f:ports': { 'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    })
    expect(() => applied(['alpha', { spec: { selector: { a: 'b' } } }], ['beta', { spec: { selector: {} } }])).toThrow(
      'conflict with "alpha": .spec.selector',
    )
  })

  it('keeps the time of an entry that changes nothing', () => {
    const object = applied(['alpha', { data: { a: '1' } }], ['alpha', { data: { a: '1' } }])
    expect(object.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:00Z')
  })
})

describe('updates', () => {
  const update = (live: KubeObject, object: KubeObject, given?: ManagedFieldsEntry[]) =>
    ownersAfterUpdate(object, given, {
      schema,
      manager: { manager: 'kubectl', operation: 'Update', apiVersion: 'v1' },
      time: '2026-01-01T00:01:00Z',
      live,
    })

  it('take what they change from its owners', () => {
    const live = applied(['alpha', { data: { a: '1', b: '2' } }])
    const entries = update(live, { ...live, data: { a: '9', b: '2', c: '3' } })
    expect(entries?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'alpha Apply',
      'kubectl Update',
    ])
    expect(entries?.[0]?.fieldsV1).toEqual({ 'f:data': { 'f:b': {} } })
    expect(entries?.[1]?.fieldsV1).toEqual({ 'f:data': { 'f:a': {}, 'f:c': {} } })
  })

  it('are told apart up to ten; the oldest then share an entry', () => {
    let live = applied(['alpha', { data: { own: 'x' } }])
    for (let at = 10; at < 23; at++) {
      const object = { ...live, data: { ...live['data'], [`k${at}`]: 'v' } }
      const manager = { manager: `m${at}`, operation: 'Update', apiVersion: 'v1' } as const
      const managedFields = ownersAfterUpdate(object, undefined, {
        schema,
        manager,
        time: `2026-01-01T00:00:${at}Z`,
        live,
      })
      live = { ...object, metadata: { ...object.metadata, managedFields } }
    }
    const entries = live.metadata.managedFields ?? []
    expect(entries.map(({ manager }) => manager)).toEqual([
      'alpha',
      'ancient-changes',
      ...[14, 15, 16, 17, 18, 19, 20, 21, 22].map((at) => `m${at}`),
    ])
    expect(entries[1]).toMatchObject({ time: '2026-01-01T00:00:13Z', operation: 'Update', apiVersion: 'v1' })
    expect(Object.keys(((entries[1]?.fieldsV1 ?? {}) as Record<string, object>)['f:data'] ?? {})).toEqual([
      'f:k10',
      'f:k11',
      'f:k12',
      'f:k13',
    ])
  })

  it('own new containers as well as their content', () => {
    expect(update(empty, config({ data: { a: '1' } }))?.[0]?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {} } })
  })

  it('may clear all owners; whoever applies next meets before-first-apply', () => {
    const live = applied(['alpha', { data: { a: '1' } }])
    expect(update(live, live, [{}] as never)).toBeUndefined()
    const cleared = { ...live, metadata: { ...live.metadata, managedFields: undefined } }
    const write = {
      schema,
      manager: { manager: 'beta', operation: 'Apply', apiVersion: 'v1' } as const,
      time: '',
      live: cleared,
    }
    expect(() => applyConfiguration(config({ data: { a: '2' } }), false, none, empty, write)).toThrow(
      'conflict with "before-first-apply" using v1: .data.a',
    )
  })
})

describe('merge', () => {
  it('keeps the order of the live list and of the configuration', () => {
    const items = (...names: number[]) => names.map((port) => ({ port, protocol: 'TCP' }))
    const ports = (live: number[], wanted: number[]) =>
      (merge({ spec: { ports: items(...live) } }, { spec: { ports: items(...wanted) } }, schema) as KubeObject)[
        'spec'
      ].ports.map(({ port }: { port: number }) => port)
    expect(ports([1, 2, 3], [2])).toEqual([1, 2, 3])
    expect(ports([1, 2], [2, 1])).toEqual([2, 1])
    expect(ports([1, 9], [7, 1])).toEqual([7, 1, 9])
    expect(ports([], [5, 4])).toEqual([5, 4])
  })
})
