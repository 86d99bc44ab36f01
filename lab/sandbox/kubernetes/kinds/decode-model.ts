import { jsonType } from './go-json.ts'
import { type Model, modelOf, type ScalarKind, type Type } from './model/model.ts'
import { isQuantity, QUANTITY_ERROR } from './quantity.ts'

/** A value that does not fit: what Go's JSON decoder says. */
export class DecodeError extends Error {}

/** Where the decoder is: Go names the innermost struct and the path of JSON names without indices. */
export type Place = { readonly struct: string; readonly names: string; readonly path: string }

/**
 * The fields of a model out of a JSON value. Nulls are left out; the paths of unknown fields are added to `unknown`.
 *
 * @throws DecodeError for a value of the wrong type
 */
export function decodeModel(model: Model, value: unknown, place: Place, unknown: string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mismatch(value, place, `v1.${model.name}`)
  }
  const result: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue
    const field = model.fields.get(name)
    if (!field) {
      unknown.push(place.path ? `${place.path}.${name}` : name)
      continue
    }
    if (given === null) continue
    const inner = {
      struct: model.name,
      names: place.names ? `${place.names}.${name}` : name,
      path: place.path ? `${place.path}.${name}` : name,
    }
    result[name] = decodeType(field.type, given, inner, unknown)
  }
  return result
}

function decodeType(type: Type, value: unknown, place: Place, unknown: string[]): unknown {
  switch (type.kind) {
    case 'object':
      return decodeModel(modelOf(type.model), value, place, unknown)
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, place, type.go)
      return value.map((item, at) => {
        const inner = { ...place, path: `${place.path}[${at}]` }
        return item === null ? zeroOf(type.items) : decodeType(type.items, item, inner, unknown)
      })
    case 'map': {
      if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, place, type.go)
      const result: Record<string, unknown> = {}
      for (const [key, item] of Object.entries(value as object)) {
        const inner = { ...place, path: `${place.path}.${key}` }
        result[key] = item === null ? zeroOf(type.values) : decodeType(type.values, item, inner, unknown)
      }
      return result
    }
    default:
      return decodeScalar(type.kind, type.go, value, place)
  }
}

const zeroOf = (type: Type): unknown => {
  if (type.kind === 'object') return {}
  return type.kind === 'string' ? '' : type.kind === 'quantity' ? '0' : type.kind === 'boolean' ? false : null
}

const LIMITS: Partial<Record<ScalarKind, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63 - 1],
}

function decodeScalar(kind: ScalarKind, go: string, value: unknown, place: Place): unknown {
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, place, go)
      return value
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(value, place, go)
      return value
    case 'int32':
    case 'int64': {
      if (typeof value !== 'number') throw mismatch(value, place, go)
      const [low, high] = LIMITS[kind] as readonly [number, number]
      if (!Number.isInteger(value) || value < low || value > high) throw mismatch(value, place, go, ` ${value}`)
      return value
    }
    case 'double':
      if (typeof value !== 'number') throw mismatch(value, place, go)
      return value
    case 'quantity': {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      if (!isQuantity(text.trim())) throw new DecodeError(QUANTITY_ERROR)
      return value
    }
    case 'bytes':
      if (typeof value !== 'string') throw mismatch(value, place, go)
      return checkBase64(value)
    case 'int-or-string':
      if (typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))) return value
      throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type int32`)
    case 'time':
    case 'microtime':
      if (typeof value !== 'string') {
        throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`)
      }
      return checkTime(value, kind)
    case 'any':
      return value
  }
}

const mismatch = (value: unknown, place: Place, go: string, shown = ''): DecodeError => {
  const target =
    place.struct === '' ? `Go value of type ${go}` : `Go struct field ${place.struct}.${place.names} of type ${go}`
  return new DecodeError(`json: cannot unmarshal ${jsonType(value)}${shown} into ${target}`)
}

/** The same text. Go's decoder ignores line breaks and insists on padding. */
function checkBase64(text: string): string {
  const clean = text.replace(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/]/.exec(clean.replace(/={1,2}$/, ''))
  if (bad) throw new DecodeError(`illegal base64 data at input byte ${bad.index}`)
  if (clean.length % 4 !== 0) {
    const whole = clean.length - (clean.length % 4)
    throw new DecodeError(`illegal base64 data at input byte ${clean.endsWith('=') ? clean.indexOf('=') : whole}`)
  }
  return text
}

const LAYOUTS = { time: '2006-01-02T15:04:05Z07:00', microtime: '2006-01-02T15:04:05.000000Z07:00' } as const
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
/** A MicroTime is written with exactly six digits. */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/

/** RFC 3339 in UTC, without fraction for a time, with six digits for a micro time. */
function checkTime(text: string, kind: 'time' | 'microtime'): string {
  const form = kind === 'time' ? TIME : MICRO_TIME
  const at = form.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw new DecodeError(timeError(text, LAYOUTS[kind]))
  const whole = new Date(at).toISOString().slice(0, 19)
  return kind === 'time' ? `${whole}Z` : `${whole}${/\.\d{6}/.exec(text)?.[0]}Z`
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^(0[1-9]|1[0-2])/, '01'],
  [/^-/, '-'],
  [/^\d\d/, '02'],
  [/^T/, 'T'],
  [/^\d\d/, '15'],
  [/^:/, ':'],
  [/^\d\d/, '04'],
  [/^:/, ':'],
  [/^\d\d/, '05'],
]

/** What Go's time.Parse says: the rest of the text that did not fit, and the part of the layout it should have been. */
function timeError(text: string, layout: string): string {
  const quoted = JSON.stringify(text)
  let rest = text
  for (const [form, part] of PARTS) {
    const match = form.exec(rest)
    if (!match) return `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${part}"`
    rest = rest.slice(match[0].length)
  }
  const tail = layout.includes('.000000') && !/^\.\d{6}/.test(rest) ? '.000000' : 'Z07:00'
  return `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${tail}"`
}
