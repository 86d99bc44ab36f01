import type { Json } from '../normalize.ts'
import { isIntOrString, mapValues, type StructuralSchema } from './schema.ts'

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A property's name as rules write it: CEL's identifiers have no dashes, dots and slashes. */
function escaped(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
}

/** A value as CEL sees it: whole numbers are bigint, unless the schema says `number`. */
export function celValue(schema: StructuralSchema | undefined, value: Json): Json {
  if (typeof value === 'number') {
    const whole =
      Number.isInteger(value) &&
      (schema === undefined || schema.type === 'integer' || isIntOrString(schema) || !schema.type)
    return whole ? BigInt(value) : value
  }
  if (typeof value === 'string') {
    return schema?.format === 'date-time' && !Number.isNaN(Date.parse(value)) ? new Date(value) : value
  }
  if (Array.isArray(value)) return value.map((item) => celValue(schema?.items, item))
  if (value === null || typeof value !== 'object') return value
  const values = mapValues(schema)
  const result: Json = {}
  for (const [name, inner] of Object.entries(value)) {
    const property = schema?.properties?.[name]
    result[property ? escaped(name) : name] = celValue(property ?? (values === true ? undefined : values), inner)
  }
  return result
}
