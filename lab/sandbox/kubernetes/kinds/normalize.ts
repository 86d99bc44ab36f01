import { type Field, type Model, modelOf, type Type } from './model/model.ts'
import { canonicalQuantity } from './quantity.ts'

// biome-ignore lint/suspicious/noExplicitAny: the objects of the API are walked by their models
export type Json = any

/**
 * A deep copy in the form in which the API server writes a value after it went through its Go types: empty optional
 * fields are gone, fields without `omitempty` are there, quantities are in canonical form.
 */
export function normalize(model: Model, value: Json): Json {
  const result: Json = {}
  for (const field of model.fields.values()) {
    const given = value[field.name]
    const kept = given === undefined || given === null ? missing(field) : normalizeField(field, given)
    if (kept !== undefined) result[field.name] = kept
  }
  return result
}

function missing({ always, required, type }: Field): Json {
  if (always === 'struct') return type.kind === 'object' ? normalize(modelOf(type.model), {}) : null
  if (always === 'null') return null
  return always === 'zero' || required ? zero(type) : undefined
}

function zero(type: Type): Json {
  switch (type.kind) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'int-or-string':
      return 0
    case 'quantity':
      return '0'
    case 'object':
    case 'any':
      return undefined
    default:
      return null
  }
}

const isEmpty = (type: Type, value: Json): boolean => {
  switch (type.kind) {
    case 'list':
      return value.length === 0
    case 'map':
      return Object.keys(value).length === 0
    case 'string':
    case 'bytes':
      return value === ''
    case 'boolean':
      return value === false
    case 'int32':
    case 'int64':
    case 'double':
      return value === 0
    default:
      return false
  }
}

function normalizeField(field: Field, value: Json): Json {
  const keepsZero = field.required || field.always !== undefined || field.pointer
  // A pointer is to a scalar: lists and maps are left out when empty even so.
  const collection = field.type.kind === 'list' || field.type.kind === 'map'
  if ((!keepsZero || (collection && !field.required && !field.always)) && isEmpty(field.type, value)) return undefined
  return normalizeType(field.type, value)
}

function normalizeType(type: Type, value: Json): Json {
  switch (type.kind) {
    case 'object':
      return normalize(modelOf(type.model), value)
    case 'list':
      return value.map((item: Json) => normalizeType(type.items, item))
    case 'map': {
      const result: Json = {}
      for (const key of Object.keys(value)) result[key] = normalizeType(type.values, value[key])
      return result
    }
    case 'quantity':
      return canonicalQuantity(String(value).trim())
    case 'any':
      return structuredClone(value)
    default:
      return value
  }
}
