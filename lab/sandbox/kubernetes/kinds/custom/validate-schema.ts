import type { FieldError } from '../../types.ts'
import { forbidden, invalid, notSupported, required } from '../field-error.ts'
import { ruleError } from './cel.ts'
import { isIntOrString, mapValues, preservesUnknown, type StructuralSchema } from './schema.ts'
import { compilePattern } from './validate.ts'

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const LIST_TYPES = ['atomic', 'set', 'map']

type Place = 'fields' | 'items' | 'values'

/** What is wrong with an `openAPIV3Schema`: it must be structural, and its rules must be readable. */
export function schemaErrors(schema: StructuralSchema, path: string, hasStatus: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (schema.type !== 'object') {
    if (hasStatus && schema.type) {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
      errors.push(invalid(`${path}.type`, schema.type, detail))
    }
    errors.push(
      schema.type
        ? invalid(`${path}.type`, schema.type, 'must be object at the root')
        : required(`${path}.type`, 'must not be empty at the root'),
    )
  }
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  node(schema, path, undefined, errors)
  return errors
}

const WHERE: Readonly<Record<Place, string>> = {
  fields: 'must not be empty for specified object fields',
  items: 'must not be empty for specified array items',
  values: 'must not be empty for specified object fields',
}

function node(schema: StructuralSchema, path: string, place: Place | undefined, errors: FieldError[]): void {
  if (schema.$ref) errors.push(forbidden(`${path}.$ref`, '$ref is not supported'))
  if (schema.uniqueItems) {
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  }
  const typeless = isIntOrString(schema) || preservesUnknown(schema)
  if (place && !schema.type && !typeless) errors.push(required(`${path}.type`, WHERE[place]))
  if (schema.type && !TYPES.includes(schema.type)) errors.push(notSupported(`${path}.type`, schema.type, TYPES))
  if (schema.properties && mapValues(schema)) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  }
  if (schema.type === 'array' && !schema.items) errors.push(required(`${path}.items`, 'must be specified'))
  listType(schema, path, errors)
  pattern(schema, path, errors)
  rules(schema, path, errors)
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    node(inner as StructuralSchema, `${path}.properties[${name}]`, 'fields', errors)
  }
  const values = mapValues(schema)
  if (values && values !== true) node(values, `${path}.additionalProperties`, 'values', errors)
  if (schema.items) node(schema.items, `${path}.items`, 'items', errors)
}

function listType(schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const kind = schema['x-kubernetes-list-type']
  const keys: readonly string[] | undefined = schema['x-kubernetes-list-map-keys']
  if (kind !== undefined && schema.type !== 'array') {
    const detail = schema.type
      ? invalid(`${path}.type`, schema.type, 'must be array if x-kubernetes-list-type is specified')
      : required(`${path}.type`, 'must be array if x-kubernetes-list-type is specified')
    errors.push(detail)
  }
  if (kind !== undefined && !LIST_TYPES.includes(kind)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, kind, LIST_TYPES))
  }
  if (kind === 'map' && !keys?.length) {
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'))
  }
  if (keys && kind !== 'map') {
    errors.push(
      kind
        ? invalid(`${path}.x-kubernetes-list-type`, kind, 'must be map if x-kubernetes-list-map-keys is non-empty')
        : required(`${path}.x-kubernetes-list-type`, 'must be map if x-kubernetes-list-map-keys is non-empty'),
    )
  }
  for (const key of keys ?? []) {
    const property = schema.items?.properties?.[key]
    if (!property) {
      const detail = `entries must all be names of item properties`
      errors.push(invalid(`${path}.x-kubernetes-list-map-keys`, keys, detail))
    } else if (!schema.items.required?.includes(key) && property.default === undefined) {
      const field = `${path}.items.properties[${key}].default`
      errors.push(
        required(
          field,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      )
    }
  }
}

function pattern(schema: StructuralSchema, path: string, errors: FieldError[]): void {
  if (!schema.pattern) return
  try {
    compilePattern(schema.pattern)
  } catch (error) {
    errors.push(
      invalid(
        `${path}.pattern`,
        schema.pattern,
        `must be a valid regular expression, but isn't: ${(error as Error).message}`,
      ),
    )
  }
}

function rules(schema: StructuralSchema, path: string, errors: FieldError[]): void {
  ;(schema['x-kubernetes-validations'] ?? []).forEach((rule: { rule?: string }, at: number) => {
    const field = `${path}.x-kubernetes-validations[${at}].rule`
    if (!rule.rule?.trim()) {
      errors.push(required(field, 'rule is not specified'))
      return
    }
    const problem = ruleError(rule.rule)
    if (problem) errors.push(invalid(field, rule.rule, `compilation failed: ERROR: <input>: ${problem}`))
  })
}
