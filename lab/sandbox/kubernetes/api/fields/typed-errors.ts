import type { Schema } from '../../types.ts'
import { isObject } from '../registry/values.ts'
import { pathText, type Step } from './field-set.ts'
import { fieldSchema, itemStep } from './typed.ts'

const SCALARS: Readonly<Partial<Record<Schema['type'], { name: string; accepts: (value: unknown) => boolean }>>> = {
  string: { name: 'string', accepts: (value) => typeof value === 'string' },
  boolean: { name: 'boolean', accepts: (value) => typeof value === 'boolean' },
  integer: { name: 'numeric (int or float)', accepts: (value) => typeof value === 'number' },
  number: { name: 'numeric (int or float)', accepts: (value) => typeof value === 'number' },
}

/** How Go prints the value: scalars that are expected to be numbers by their type, all others by their content. */
function shown(value: unknown, expected: string): string {
  if (expected.startsWith('numeric') && typeof value === 'string') return 'string'
  const content =
    typeof value === 'string' ? JSON.stringify(value) : Array.isArray(value) ? '[]interface {}' : `${value}`
  return `&value.valueUnstructured{Value:${isObject(value) ? 'map[string]interface {}' : content}}`
}

/** What makes a configuration no value of its schema, one line each: `.data.a: expected string, got …`. */
export function typedErrors(value: unknown, schema: Schema | undefined, path: readonly Step[] = []): string[] {
  if (value === undefined || value === null || schema === undefined || schema.type === 'any') return []
  const at = (text: string) => [`${pathText(path)}: ${text}`]
  const scalar = SCALARS[schema.type]
  if (scalar) return scalar.accepts(value) ? [] : at(`expected ${scalar.name}, got ${shown(value, scalar.name)}`)
  if (schema.type === 'object') {
    if (!isObject(value)) return at(`expected map, got ${shown(value, 'map')}`)
    return Object.entries(value).flatMap(([key, child]) => {
      const below = [...path, `f:${key}`]
      const found = fieldSchema(schema, key)
      const open = schema.preserveUnknown || !schema.fields
      if (!found && !open) return [`${pathText(below)}: field not declared in schema`]
      return typedErrors(child, found, below)
    })
  }
  if (schema.type !== 'array') return []
  if (!Array.isArray(value)) return at(`expected list, got ${shown(value, 'list')}`)
  const seen = new Set<Step>()
  return value.flatMap((item, index) => {
    const keyed = schema.list === 'map' || schema.list === 'set'
    const step = keyed ? itemStep(item, schema) : `i:${index}`
    if (keyed && seen.has(step)) return at(`duplicate entries for key ${pathText([step])}`)
    seen.add(step)
    return typedErrors(item, schema.items, [...path, step])
  })
}
