import { describe, expect, it } from 'vitest'
import type { Schema } from '../../types.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { strategicMerge } from './strategic-merge.ts'

const named: Schema = { type: 'array', mergeKey: 'name', items: { type: 'object' } }
const schema: Schema = {
  type: 'object',
  fields: { env: named, finalizers: { type: 'array', mergeScalars: true }, args: { type: 'array' } },
}
const names = (value: unknown) => (value as { env: { name: string }[] }).env.map(({ name }) => name)

describe('JSON patch', () => {
  it('does its six operations on a copy', () => {
    const before = { a: { b: [1, 2] }, 'c/d': 'x' }
    const patch = [
      { op: 'test', path: '/a/b/0', value: 1 },
      { op: 'add', path: '/a/b/-', value: 3 },
      { op: 'replace', path: '/c~1d', value: 'y' },
      { op: 'copy', from: '/a/b', path: '/e' },
      { op: 'remove', path: '/a/b/0' },
      { op: 'move', from: '/e', path: '/f' },
    ]
    expect(jsonPatch(before, patch)).toEqual({ a: { b: [2, 3] }, 'c/d': 'y', f: [1, 2, 3] })
    expect(before).toEqual({ a: { b: [1, 2] }, 'c/d': 'x' })
  })

  it.each([
    [{ op: 'test', path: '/a', value: 2 }],
    [{ op: 'remove', path: '/none' }],
    [{ op: 'add', path: '/list/9', value: 1 }],
    [{ op: 'spin', path: '/a' }],
  ])('rejects %j', (operation) => {
    expect(() => jsonPatch({ a: 1, list: [] }, [operation])).toThrow('the server rejected our request')
  })

  it('is a list', () => {
    expect(() => jsonPatch({}, { op: 'remove' })).toThrow('cannot unmarshal object into Go value of type []handlers')
  })
})

describe('merge patch', () => {
  it('removes what is null and replaces lists', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, l: [1] }, { a: { b: null }, l: [2] })).toEqual({ a: { c: 2 }, l: [2] })
  })
})

describe('strategic merge patch', () => {
  const stored = {
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
    args: ['x'],
    finalizers: ['a', 'b'],
  }

  it('merges lists by key; new items go before what the patch does not name', () => {
    const merged = strategicMerge(stored, { env: [{ name: 'B', value: 'two' }, { name: 'C' }] }, schema)
    expect(merged['env']).toEqual([{ name: 'A', value: '1' }, { name: 'B', value: 'two' }, { name: 'C' }])
    expect(names(strategicMerge(stored, { env: [{ name: 'C' }] }, schema))).toEqual(['C', 'A', 'B'])
  })

  it('knows its directives', () => {
    const env = (patch: object[]) => names(strategicMerge(stored, { env: patch }, schema))
    expect(env([{ name: 'A', $patch: 'delete' }])).toEqual(['B'])
    expect(env([{ $patch: 'replace' }, { name: 'Z' }])).toEqual(['Z'])
    const ordered = { '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }] }
    expect(names(strategicMerge(stored, ordered, schema))).toEqual(['B', 'A'])
    const lists = { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'], args: ['y'] }
    expect(strategicMerge(stored, lists, schema)).toMatchObject({ finalizers: ['c', 'b'], args: ['y'] })
    const kept = strategicMerge(
      { strategy: { type: 'a', more: 1 } },
      { strategy: { $retainKeys: ['type'], type: 'b' } },
      schema,
    )
    expect(kept).toEqual({ strategy: { type: 'b' } })
  })

  it('needs the merge key', () => {
    expect(() => strategicMerge(stored, { env: [{ value: 'x' }] }, schema)).toThrow(
      'map: map[value:x] does not contain declared merge key: name',
    )
  })
})
