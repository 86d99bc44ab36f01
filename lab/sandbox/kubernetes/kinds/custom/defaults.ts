import type { CustomResource, KubeObject } from '../../types.ts'
import { modelOf } from '../model/model.ts'
import { type Json, normalize } from '../normalize.ts'
import { mapValues, type StructuralSchema } from './schema.ts'

/** A new object with the defaults that the schema of its version names. */
export function defaultCustom(custom: CustomResource, object: KubeObject): KubeObject {
  const { metadata, ...content } = structuredClone(object)
  const result = { ...content, metadata: normalize(modelOf('V1ObjectMeta'), metadata ?? {}) } as KubeObject
  if (custom.schema) fill(custom.schema, result)
  return result
}

/** Absent fields with a default get it, and so do null ones that may not be null. */
function fill(schema: StructuralSchema, value: Json): void {
  if (Array.isArray(value)) {
    if (schema?.items) for (const item of value) fill(schema.items, item)
    return
  }
  if (value === null || typeof value !== 'object') return
  const properties: Record<string, StructuralSchema> = schema?.properties ?? {}
  for (const [name, property] of Object.entries(properties)) {
    if (property.default !== undefined && lacks(value, name, property)) value[name] = structuredClone(property.default)
    if (value[name] !== undefined) fill(property, value[name])
  }
  const values = mapValues(schema)
  if (!values || values === true) return
  for (const name of Object.keys(value)) if (!(name in properties)) fill(values, value[name])
}

const lacks = (value: Json, name: string, property: StructuralSchema): boolean =>
  value[name] === undefined || (value[name] === null && !property.nullable)
