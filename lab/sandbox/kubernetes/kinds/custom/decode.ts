import { ApiError } from '../../../core/errors.ts'
import type { KubeObject, Resource } from '../../types.ts'
import {
  apiVersionOf,
  cannotBeHandled,
  type Decoded,
  type FieldValidation,
  strictDecodingError,
} from '../decode-errors.ts'
import { DecodeError, decodeModel } from '../decode-model.ts'
import { modelOf } from '../model/model.ts'
import type { Json } from '../normalize.ts'
import { isEmbedded, mapValues, preservesUnknown, type StructuralSchema } from './schema.ts'

/** Reads a custom object: its metadata is typed, fields that its schema does not have are left out. */
export function decodeCustom(resource: Resource, value: unknown, mode: FieldValidation): Decoded {
  const given = (value ?? {}) as Json
  requireType(resource, given)
  const unknown: string[] = []
  const metadata = decodeMetadata(resource, given.metadata ?? {}, 'metadata', unknown)
  const { apiVersion, kind, metadata: _, ...content } = given
  const schema = resource.custom?.schema
  const pruned = schema ? prune(schema, content, '', unknown) : content
  const problems = unknown.map((path) => `unknown field "${path}"`)
  if (problems.length > 0 && mode === 'Strict') throw strictDecodingError(resource, problems)
  return { object: { apiVersion, kind, metadata, ...pruned } as KubeObject, warnings: mode === 'Warn' ? problems : [] }
}

/** Unlike a built-in kind a custom one must name its version and kind. */
function requireType(resource: Resource, given: Json): void {
  const missing = given.kind ? (given.apiVersion ? undefined : 'apiVersion') : 'Kind'
  if (!missing) {
    requireSame(resource, given)
    return
  }
  const text = JSON.stringify(given)
  const start = text.length > 30 ? `${text.slice(0, 30)} ...` : text
  const why = `Object '${missing}' is missing in '${text}' (${start})`
  throw new ApiError(400, `the object provided is unrecognized (must be of type ${resource.kind}): ${why}`, {
    reason: 'BadRequest',
  })
}

function requireSame(resource: Resource, { apiVersion, kind }: Json): void {
  const expected = apiVersionOf(resource)
  if (apiVersion === expected && kind === resource.kind) return
  const [what, found, wanted] =
    apiVersion === expected ? ['kind', kind, resource.kind] : ['API version', apiVersion, expected]
  throw new ApiError(400, `the ${what} in the data (${found}) does not match the expected ${what} (${wanted})`, {
    reason: 'BadRequest',
  })
}

function decodeMetadata(resource: Resource, value: unknown, path: string, unknown: string[]): unknown {
  try {
    return decodeModel(modelOf('V1ObjectMeta'), value, { struct: 'ObjectMeta', names: path, path }, unknown)
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(resource, error.message)
    throw error
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** A copy without what the schema does not have. Values of the wrong type stay: validation tells. */
export function prune(schema: StructuralSchema, value: Json, path: string, unknown: string[]): Json {
  if (Array.isArray(value)) {
    return schema?.items ? value.map((item, at) => prune(schema.items, item, `${path}[${at}]`, unknown)) : value
  }
  if (value === null || typeof value !== 'object') return value
  const values = mapValues(schema)
  const result: Json = {}
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    const known = schema?.properties?.[name]
    if (known) result[name] = prune(known, inner, join(path, name), unknown)
    else if (isEmbedded(schema) && ['apiVersion', 'kind', 'metadata'].includes(name)) result[name] = inner
    else if (values) result[name] = values === true ? inner : prune(values, inner, join(path, name), unknown)
    else if (preservesUnknown(schema) || schema?.['x-kubernetes-int-or-string']) result[name] = inner
    else unknown.push(join(path, name))
  }
  return result
}
