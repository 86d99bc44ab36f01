import type { Schema } from '../../types.ts'
import { internal } from '../registry/errors.ts'
import { clone, equal, isObject, type Json } from '../registry/values.ts'
import { goFormat } from './go-format.ts'
import { type Identity, interleave } from './strategic-order.ts'

const ORDER = '$setElementOrder/'
const DELETE = '$deleteFromPrimitiveList/'

const childOf = (schema: Schema | undefined, key: string): Schema | undefined => schema?.fields?.[key] ?? schema?.values

const byKey = (mergeKey: string | undefined): Identity =>
  mergeKey === undefined ? (item) => item : (item) => (isObject(item) ? item[mergeKey] : item)

/**
 * A strategic merge patch on a copy of `document`: lists with a merge key are merged, with the directives `$patch`,
 * `$setElementOrder`, `$deleteFromPrimitiveList` and `$retainKeys`.
 * @throws ApiError 500 when an item lacks its merge key, as the real server does
 */
export function strategicMerge(document: Json, patch: Json, schema: Schema | undefined): Json {
  return mergeMaps(clone(document), clone(patch), schema)
}

function mergeMaps(original: Json, patch: Json, schema: Schema | undefined): Json {
  const { $patch: directive, $retainKeys: retained, ...rest } = patch
  if (directive === 'replace') return cleaned(rest, schema)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive)
  if (Array.isArray(retained))
    for (const key of Object.keys(original)) if (!retained.includes(key)) delete original[key]

  for (const [key, values] of Object.entries(rest)) {
    if (!key.startsWith(DELETE)) continue
    delete rest[key]
    const field = key.slice(DELETE.length)
    const list = original[field]
    if (!Array.isArray(list) || !Array.isArray(values)) continue
    const kept = list.filter((item) => !values.some((value) => equal(value, item)))
    if (kept.length > 0) original[field] = kept
    else delete original[field]
  }
  for (const [key, order] of Object.entries(rest)) {
    if (!key.startsWith(ORDER)) continue
    delete rest[key]
    const field = key.slice(ORDER.length)
    mergeOrdered(original, rest, field, Array.isArray(order) ? order : [], childOf(schema, field))
    delete rest[field]
  }
  for (const [key, value] of Object.entries(rest)) {
    if (value === null) delete original[key]
    else original[key] = mergeValues(original[key], value, childOf(schema, key))
  }
  return original
}

function mergeValues(original: unknown, patch: unknown, schema: Schema | undefined): unknown {
  if (isObject(patch)) return mergeMaps(isObject(original) ? original : {}, patch, schema)
  if (Array.isArray(patch)) return mergeLists(Array.isArray(original) ? original : [], patch, schema)
  return patch
}

function mergeOrdered(original: Json, patch: Json, field: string, order: unknown[], schema: Schema | undefined): void {
  const stored = Array.isArray(original[field]) ? (original[field] as unknown[]) : undefined
  const given = Array.isArray(patch[field]) ? (patch[field] as unknown[]) : undefined
  if (!stored && !given) return
  const merged = given ? mergeLists(stored ?? [], given, schema) : (stored ?? [])
  original[field] = interleave(merged, order, stored ?? [], byKey(schema?.mergeKey))
}

function mergeLists(original: unknown[], patch: unknown[], schema: Schema | undefined): unknown[] {
  if (schema?.mergeKey !== undefined) return mergeByKey(original, patch, schema, schema.mergeKey)
  if (!schema?.mergeScalars) return patch.map((item) => (isObject(item) ? cleaned(item, schema?.items) : item))
  const merged = [...new Set([...original, ...patch])]
  return interleave(merged, patch, original, byKey(undefined))
}

function mergeByKey(original: unknown[], patch: unknown[], schema: Schema, mergeKey: string): unknown[] {
  const identity = byKey(mergeKey)
  const items = patch.filter(isObject)
  const replaced = items.some((item) => item['$patch'] === 'replace')
  const removed = items.filter((item) => item['$patch'] === 'delete')
  for (const item of removed) keyed(item, mergeKey)
  const given = items.filter((item) => item['$patch'] === undefined || item['$patch'] === 'merge')
  for (const { $patch: directive } of items) {
    if (!['replace', 'delete', 'merge', undefined].includes(directive as string)) throw unknownDirective(directive)
  }
  if (replaced) return given.map((item) => cleaned(item, schema.items))

  const stored = original.filter((item) => !removed.some((other) => identity(other) === identity(item)))
  const merged = [...stored]
  for (const item of given) {
    const key = keyed(item, mergeKey)
    const at = merged.findIndex((other) => identity(other) === key)
    if (at < 0) merged.push(cleaned(item, schema.items))
    else merged[at] = mergeMaps(merged[at] as Json, item, schema.items)
  }
  return interleave(merged, given, stored, identity)
}

function keyed(item: Json, mergeKey: string): unknown {
  const key = item[mergeKey]
  if (key !== undefined) return key
  const { $patch: _, ...rest } = item
  throw internal(`map: ${goFormat(rest)} does not contain declared merge key: ${mergeKey}`)
}

/** What a patch leaves where there was nothing: without its nulls and directives. */
const cleaned = (patch: Json, schema: Schema | undefined): Json => mergeMaps({}, patch, schema)

const unknownDirective = (directive: unknown) => internal(`unknown patch type found: ${directive}`)
