import type { Schema } from '../../types.ts'
import { atomicMaps, atomicTypes } from './lists.ts'
import { type Field, type Model, modelOf, type Type } from './model.ts'

const SCALARS: Readonly<Record<string, Schema['type']>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
  double: 'number',
  time: 'string',
  microtime: 'string',
  bytes: 'string',
  'int-or-string': 'int-or-string',
  // A quantity may be written as a number.
  quantity: 'int-or-string',
  any: 'any',
}

const schemas = new Map<string, Schema>()

/** The shape of a model. Recursive types give cyclic values. */
export function schemaOfModel(model: Model): Schema {
  const known = schemas.get(model.key)
  if (known) return known
  const fields: Record<string, Schema> = {}
  const schema: Schema = { type: 'object', fields, ...(atomicTypes.has(model.name) ? { atomic: true } : {}) }
  schemas.set(model.key, schema)
  for (const field of model.fields.values()) fields[field.name] = schemaOfField(field)
  return schema
}

function schemaOfField(field: Field): Schema {
  const schema = schemaOfType(field.type)
  if (field.type.kind === 'map') return atomicMaps.has(field.fact) ? { ...schema, atomic: true } : schema
  if (field.type.kind !== 'list' || !field.list) return schema
  const { list, keys, merge, mergeScalars } = field.list
  return {
    ...schema,
    ...(list ? { list } : {}),
    ...(keys ? { listKeys: keys } : {}),
    ...(merge ? { mergeKey: merge } : {}),
    ...(mergeScalars ? { mergeScalars } : {}),
  }
}

function schemaOfType(type: Type): Schema {
  switch (type.kind) {
    case 'object':
      return schemaOfModel(modelOf(type.model))
    case 'list':
      return { type: 'array', items: schemaOfType(type.items) }
    case 'map':
      return { type: 'object', values: schemaOfType(type.values) }
    case 'any':
      return { type: 'any', preserveUnknown: true }
    default:
      return { type: SCALARS[type.kind] as Schema['type'] }
  }
}
