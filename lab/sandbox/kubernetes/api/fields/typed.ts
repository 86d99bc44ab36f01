import type { Schema } from '../../types.ts'
import { equal, isObject, type Json } from '../registry/values.ts'
import { FieldSet, type Step } from './field-set.ts'

/** How a value takes part in ownership: field by field, item by item, or as a whole. */
type Shape = 'map' | 'list' | 'leaf'

function shapeOf(value: unknown, schema: Schema | undefined): Shape {
  if (isObject(value)) return schema?.atomic ? 'leaf' : 'map'
  if (Array.isArray(value)) return schema?.list === 'map' || schema?.list === 'set' ? 'list' : 'leaf'
  return 'leaf'
}

export const fieldSchema = (schema: Schema | undefined, key: string): Schema | undefined =>
  schema?.fields?.[key] ?? schema?.values

/** Defaults of key fields, which a list item may leave out. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: 'TCP' }

/** The step to an item of a list that is a set or a map. */
export function itemStep(item: unknown, schema: Schema | undefined): Step {
  if (schema?.list !== 'map' || !isObject(item)) return `v:${JSON.stringify(item)}`
  const keys: Json = {}
  for (const key of [...(schema.listKeys ?? [])].sort()) {
    const value = item[key] ?? KEY_DEFAULTS[key]
    if (value !== undefined) keys[key] = value
  }
  return `k:${JSON.stringify(keys)}`
}

/** Every path that a configuration names. */
export function toFieldSet(value: unknown, schema: Schema | undefined): FieldSet {
  const set = new FieldSet()
  const shape = shapeOf(value, schema)
  if (shape === 'map') {
    for (const [key, child] of Object.entries(value as Json)) {
      if (child === undefined) continue
      const step = `f:${key}`
      const below = fieldSchema(schema, key)
      const isLeaf = shapeOf(child, below) === 'leaf'
      const isEmpty = isObject(child) && Object.keys(child).length === 0
      if (isLeaf || isEmpty || !schema?.fields?.[key]) set.members.add(step)
      if (!isLeaf) set.attach(step, toFieldSet(child, below))
    }
  } else if (shape === 'list') {
    for (const item of value as unknown[]) {
      const step = itemStep(item, schema)
      set.members.add(step)
      set.attach(step, toFieldSet(item, schema?.items))
    }
  }
  return set
}

export type Comparison = { readonly added: FieldSet; readonly removed: FieldSet; readonly modified: FieldSet }
type Verdict = keyof Comparison | undefined

const nothing = (): Comparison => ({ added: new FieldSet(), removed: new FieldSet(), modified: new FieldSet() })

/** Which paths differ between two values of one type. New and vanished containers are paths themselves. */
export function compare(before: unknown, after: unknown, schema: Schema | undefined): Comparison {
  const found = nothing()
  walk(before, after, schema, found)
  return found
}

function walk(before: unknown, after: unknown, schema: Schema | undefined, found: Comparison): Verdict {
  if (before === undefined && after === undefined) return undefined
  // Null takes the form of what it is compared with.
  const values = [before, after].filter((value) => value !== undefined && value !== null)
  const shapes = values.map((value) => shapeOf(value, schema))
  const shape = shapes.length > 0 && shapes.every((s) => s === shapes[0]) ? shapes[0] : 'leaf'
  if (shape === 'map') {
    const [a, b] = [(before ?? {}) as Json, (after ?? {}) as Json]
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      descend(`f:${key}`, a[key], b[key], fieldSchema(schema, key), found)
    }
  } else if (shape === 'list') {
    const [a, b] = [indexed(before, schema), indexed(after, schema)]
    for (const step of new Set([...a.keys(), ...b.keys()]))
      descend(step, a.get(step), b.get(step), schema?.items, found)
  }
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  return shape === 'leaf' && !equal(before, after) ? 'modified' : undefined
}

function descend(step: Step, before: unknown, after: unknown, schema: Schema | undefined, found: Comparison): void {
  const below = nothing()
  const verdict = walk(before, after, schema, below)
  if (verdict) found[verdict].members.add(step)
  found.added.attach(step, below.added)
  found.removed.attach(step, below.removed)
  found.modified.attach(step, below.modified)
}

/** Items by their step; of several with the same one the first counts. */
function indexed(list: unknown, schema: Schema | undefined): Map<Step, unknown> {
  const items = new Map<Step, unknown>()
  for (const item of Array.isArray(list) ? list : []) {
    const step = itemStep(item, schema)
    if (!items.has(step)) items.set(step, item)
  }
  return items
}

/** A value without the paths of a set. Containers that lose everything go too. */
export function without(value: unknown, set: FieldSet, schema: Schema | undefined): unknown {
  const shape = shapeOf(value, schema)
  if (shape === 'map') {
    const result: Json = {}
    for (const [key, child] of Object.entries(value as Json)) {
      const step = `f:${key}`
      if (set.members.has(step)) continue
      const below = set.children.get(step)
      const kept = below ? without(child, below, fieldSchema(schema, key)) : child
      if (kept !== undefined) result[key] = kept
    }
    return Object.keys(result).length > 0 ? result : undefined
  }
  if (shape === 'list') {
    const result: unknown[] = []
    for (const item of value as unknown[]) {
      const step = itemStep(item, schema)
      if (set.members.has(step)) continue
      const below = set.children.get(step)
      const kept = below ? without(item, below, schema?.items) : item
      if (kept !== undefined) result.push(kept)
    }
    return result.length > 0 ? result : undefined
  }
  return value
}

/** Merges a configuration into a live value: what it names wins, everything else stays. */
export function merge(live: unknown, config: unknown, schema: Schema | undefined): unknown {
  if (config === undefined) return live
  const shape = shapeOf(config, schema)
  if (live === undefined || shape === 'leaf' || shape !== shapeOf(live, schema)) return config
  if (shape === 'map') {
    const result: Json = { ...(live as Json) }
    for (const [key, value] of Object.entries(config as Json)) {
      result[key] = merge(result[key], value, fieldSchema(schema, key))
    }
    return result
  }
  return mergeLists(live as unknown[], config as unknown[], schema)
}

/** Live items keep their places; items of the configuration keep their order among each other. */
function mergeLists(live: readonly unknown[], config: readonly unknown[], schema: Schema | undefined): unknown[] {
  const liveItems = indexed(live, schema)
  const configItems = indexed(config, schema)
  const left = live.map((item) => ({ item, step: itemStep(item, schema) }))
  const right = [...configItems.keys()]
  const shared = right.filter((step) => liveItems.has(step))
  const done = new Set<Step>()
  const result: unknown[] = []
  const take = (step: Step) => {
    done.add(step)
    if (shared[0] === step) shared.shift()
    result.push(merge(liveItems.get(step), configItems.get(step), schema?.items))
  }
  while (left.length > 0 || right.length > 0) {
    const [own, theirs] = [left[0], right[0]]
    if (own && !configItems.has(own.step)) result.push(left.shift()?.item)
    else if (own && (done.has(own.step) || (theirs !== undefined && own.step !== shared[0]))) left.shift()
    else if (theirs !== undefined) {
      take(theirs)
      right.shift()
      if (own?.step === theirs) left.shift()
    } else left.shift()
  }
  return result
}
