import type { FieldError, KubeObject, Resource } from '../../types.ts'
import { duplicate, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from '../field-error.ts'
import { goJson, jsonType } from '../go-json.ts'
import type { Json } from '../normalize.ts'
import { hasRules, validateRules } from './cel.ts'
import { hasFormat } from './formats.ts'
import { isEmbedded, isIntOrString, mapValues, type StructuralSchema } from './schema.ts'

/** Reasons after which the rules of a schema are not evaluated any more. */
const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete ' +
  'validation'

/** What the schema of its version says of a custom object, rules in CEL included. */
export function validateCustom(resource: Resource, object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const schema = resource.custom?.schema
  if (!schema) return []
  const { metadata: _, ...content } = object
  const errors: FieldError[] = []
  // Nothing looks into metadata but rules, which see its name.
  const root = withoutProperties(schema, ['metadata'])
  check(root, content, '', errors)
  if (resource.custom?.scale) errors.push(...scaleErrors(resource.custom.scale.specReplicasPath, object))
  errors.push(...listTypeErrors(root, content, ''))
  if (!hasRules(schema)) return errors
  if (errors.some(({ reason }) => BLOCKING.has(reason))) return [...errors, invalid('<nil>', undefined, NOT_CHECKED)]
  return [...errors, ...validateRules(schema, object, old)]
}

function withoutProperties(schema: StructuralSchema, names: readonly string[]): StructuralSchema {
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => !names.includes(name))
  const required = schema.required?.filter((name: string) => !names.includes(name))
  return { ...schema, properties: Object.fromEntries(properties), ...(required ? { required } : {}) }
}

const at = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** JSON Schema's word for the type of a value. */
function typeName(value: unknown): string {
  const name = jsonType(value)
  if (name === 'bool') return 'boolean'
  return name === 'number' && Number.isInteger(value) ? 'integer' : name
}

function fits(schema: StructuralSchema, value: unknown): boolean {
  const name = typeName(value)
  if (isIntOrString(schema)) return name === 'integer' || name === 'string'
  return schema.type === undefined || schema.type === name || (schema.type === 'number' && name === 'integer')
}

function check(schema: StructuralSchema, value: Json, path: string, errors: FieldError[]): void {
  if (value === null && schema.nullable) return
  if (!fits(schema, value)) {
    errors.push(...wrongType(schema, value, path))
    return
  }
  combinations(schema, value, path, errors)
  if (schema.enum && !schema.enum.some((one: unknown) => goJson(one) === goJson(value))) {
    const values = schema.enum.map((one: unknown) => (typeof one === 'string' ? one : goJson(one)))
    errors.push(notSupported(path, value, values))
  }
  if (typeof value === 'string') checkString(schema, value, path, errors)
  else if (typeof value === 'number') checkNumber(schema, value, path, errors)
  else if (Array.isArray(value)) checkList(schema, value, path, errors)
  else if (value !== null && typeof value === 'object') checkObject(schema, value, path, errors)
}

function wrongType(schema: StructuralSchema, value: Json, path: string): FieldError[] {
  const expected = isIntOrString(schema) ? 'integer,string' : schema.type
  const name = typeName(value) === 'integer' ? 'integer' : jsonType(value) === 'bool' ? 'boolean' : jsonType(value)
  const errors = [typeInvalid(path, name, `${path} in body must be of type ${expected}: ${JSON.stringify(name)}`)]
  if (expected === 'integer' && name === 'number') {
    errors.push(invalid('<nil>', '', `Checked value must be of type integer (default format) in ${path}`))
  }
  return errors
}

function checkString(schema: StructuralSchema, value: string, path: string, errors: FieldError[]): void {
  const length = [...value].length
  if (schema.maxLength !== undefined && length > schema.maxLength) errors.push(tooLong(path, schema.maxLength))
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`))
  }
  if (schema.pattern && !matches(schema.pattern, value)) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`))
  }
  if (schema.format && !hasFormat(value, schema.format)) {
    errors.push(typeInvalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`))
  }
}

/** RE2 and JavaScript agree on what CRDs use, but for inline flags at the start. */
export function compilePattern(pattern: string): RegExp {
  const flags = /^\(\?([is]+)\)/.exec(pattern)
  return flags ? new RegExp(pattern.slice(flags[0].length), `u${flags[1]}`) : new RegExp(pattern, 'u')
}

const patterns = new Map<string, RegExp>()
function matches(pattern: string, value: string): boolean {
  const known = patterns.get(pattern) ?? compilePattern(pattern)
  patterns.set(pattern, known)
  return known.test(value)
}

function checkNumber(schema: StructuralSchema, value: number, path: string, errors: FieldError[]): void {
  const fault = (text: string) => errors.push(invalid(path, value, `${path} in body should be ${text}`))
  const { minimum, maximum, multipleOf } = schema
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    fault(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  }
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    fault(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  }
  if (multipleOf && !Number.isInteger(value / multipleOf)) fault(`a multiple of ${multipleOf}`)
  const outside = schema.format === 'int32' && (value > 2 ** 31 - 1 || value < -(2 ** 31))
  if (outside) errors.push(invalid(path, value, `Checked value must be of type integer with format int32 in ${path}`))
}

function checkList(schema: StructuralSchema, value: readonly Json[], path: string, errors: FieldError[]): void {
  if (schema.items) for (const [index, item] of value.entries()) check(schema.items, item, `${path}[${index}]`, errors)
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`))
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push(tooMany(path, value.length, schema.maxItems))
  }
}

function checkObject(schema: StructuralSchema, value: Json, path: string, errors: FieldError[]): void {
  const names = Object.keys(value)
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties) {
    errors.push(tooMany(path, names.length, schema.maxProperties))
  }
  if (schema.minProperties !== undefined && names.length < schema.minProperties) {
    errors.push(invalid(path, names.length, `${path} in body should have at least ${schema.minProperties} properties`))
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) errors.push(required(at(path, name)))
  if (isEmbedded(schema)) {
    for (const name of ['apiVersion', 'kind'])
      if (!value[name]) errors.push(required(at(path, name), 'must not be empty'))
  }
  const values = mapValues(schema)
  for (const name of names) {
    const property = schema.properties?.[name]
    if (property) check(property, value[name], at(path, name), errors)
    else if (values && values !== true) check(values, value[name], at(path, name), errors)
  }
}

const COMBINATIONS = {
  allOf: 'must validate all the schemas (allOf)',
  anyOf: 'must validate at least one schema (anyOf)',
  oneOf: 'must validate one and only one schema (oneOf)',
} as const

function combinations(schema: StructuralSchema, value: Json, path: string, errors: FieldError[]): void {
  const passes = (inner: StructuralSchema) => {
    const found: FieldError[] = []
    check(inner, value, path, found)
    return found.length === 0
  }
  const fault = (text: string) => errors.push(invalid(path, '', `${JSON.stringify(path)} ${text}`))
  if (schema.allOf && !schema.allOf.every(passes)) fault(COMBINATIONS.allOf)
  // Generated for fields that are marked x-kubernetes-int-or-string, where the type was checked already.
  if (schema.anyOf && !isIntOrString(schema) && !schema.anyOf.some(passes)) fault(COMBINATIONS.anyOf)
  if (schema.oneOf) {
    const count = schema.oneOf.filter(passes).length
    if (count !== 1)
      fault(`${COMBINATIONS.oneOf}. ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`)
  }
  if (schema.not && passes(schema.not)) fault('must not validate the schema (not)')
}

/** Items of a set, and the keys of the items of a map, must differ. */
function listTypeErrors(schema: StructuralSchema, value: Json, path: string): FieldError[] {
  if (value === null || typeof value !== 'object') return []
  if (!Array.isArray(value)) {
    const values = mapValues(schema)
    return Object.entries(value).flatMap(([name, inner]) => {
      const known = schema?.properties?.[name] ?? (values === true ? undefined : values)
      return known ? listTypeErrors(known, inner, at(path, name)) : []
    })
  }
  const keys: readonly string[] | undefined = schema?.['x-kubernetes-list-map-keys']
  const kind = schema?.['x-kubernetes-list-type']
  const seen = new Set<string>()
  const errors: FieldError[] = []
  value.forEach((item, index) => {
    const defaultOf = (key: string) => schema?.items?.properties?.[key]?.default
    const identity =
      kind === 'map' && item !== null && typeof item === 'object'
        ? Object.fromEntries((keys ?? []).flatMap((key) => [[key, item[key] ?? defaultOf(key)]]))
        : item
    const text = goJson(identity)
    const named = kind !== 'map' || (keys ?? []).some((key) => item?.[key] !== undefined)
    if ((kind === 'set' || kind === 'map') && named && seen.has(text))
      errors.push(duplicate(`${path}[${index}]`, identity))
    seen.add(text)
  })
  if (!schema?.items) return errors
  return [...errors, ...value.flatMap((item, index) => listTypeErrors(schema.items, item, `${path}[${index}]`))]
}

/** The value that the scale subresource would read must be a whole number that is not negative. */
function scaleErrors(path: string, object: KubeObject): FieldError[] {
  let value: Json = object
  for (const name of path.split('.').filter(Boolean)) value = value?.[name]
  if (value === undefined || value === null) return []
  if (!Number.isInteger(value)) {
    const go = typeof value === 'number' ? 'float64' : jsonType(value)
    return [invalid(path, 0, `${path} accessor error: ${value} is of the type ${go}, expected int64`)]
  }
  return value < 0 ? [invalid(path, value, 'should be a non-negative integer')] : []
}
