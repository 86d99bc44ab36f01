import protobuf from 'protobufjs/minimal.js'
import { ApiError } from '../../../core/errors.ts'
import { type Field, type Model, modelOf, modelOfKind, type Type } from '../model/model.ts'
import { type Shape, shapeOf } from '../model/shapes.ts'
import type { Json } from '../normalize.ts'

type Reader = protobuf.Reader

const MAGIC = Buffer.from('k8s\0')

const badRequest = (message: string): ApiError => new ApiError(400, message, { reason: 'BadRequest' })

/**
 * The object in a body of type `application/vnd.kubernetes.protobuf` as the JSON that would say the same. Unknown field
 * numbers are skipped, as protobuf wants it.
 *
 * @throws ApiError 400 for bytes that are no such object, 415 for a kind whose field numbers are not known here
 */
export function decodeProtobuf(bytes: Buffer): unknown {
  if (!bytes.subarray(0, 4).equals(MAGIC)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  try {
    return decodeEnvelope(bytes.subarray(4))
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`unable to decode protobuf: ${error.message}`)
    throw error
  }
}

function decodeEnvelope(bytes: Buffer): unknown {
  const reader = protobuf.Reader.create(bytes)
  let type: Json = {}
  let raw = Buffer.alloc(0)
  let contentType = ''
  fields(reader, reader.len, {
    1: () => {
      type = strings(reader, { 1: 'apiVersion', 2: 'kind' })
    },
    2: () => {
      raw = Buffer.from(reader.bytes())
    },
    4: () => {
      contentType = reader.string()
    },
  })
  const { apiVersion = '', kind = '' } = type
  if (contentType === 'application/json') return { ...JSON.parse(raw.toString('utf8')), apiVersion, kind }
  const model = modelFor(apiVersion, kind)
  const body = protobuf.Reader.create(raw)
  return { apiVersion, kind, ...message(body, body.len, model, shapeOf(model.key) as readonly Shape[]) }
}

/** DeleteOptions belong to every group and version. */
function modelFor(apiVersion: string, kind: string): Model {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const model = modelOfKind(group as string, version as string, kind) ?? modelOfKind('', 'v1', kind)
  if (model && shapeOf(model.key)) return model
  throw new ApiError(
    415,
    `${kind} of ${apiVersion} cannot be read as protobuf here, send it as JSON - accepted media types include: ` +
      'application/json, application/yaml',
    { reason: 'UnsupportedMediaType' },
  )
}

/** Runs a handler for each field up to `end`; fields without one are skipped. */
function fields(reader: Reader, end: number, handlers: Readonly<Record<number, () => void>>): void {
  while (reader.pos < end) {
    const tag = reader.uint32()
    const handler = handlers[tag >>> 3]
    if (handler) handler()
    else reader.skipType(tag & 7)
  }
}

function strings(reader: Reader, names: Readonly<Record<number, string>>): Json {
  const result: Json = {}
  const end = reader.uint32() + reader.pos
  const handlers = Object.entries(names).map(([number, name]) => [
    number,
    () => {
      result[name] = reader.string()
    },
  ])
  fields(reader, end, Object.fromEntries(handlers))
  return result
}

type Plan = ReadonlyMap<number, { readonly shape: Shape; readonly field: Field | undefined }>
const plans = new Map<readonly Shape[], Map<Model, Plan>>()

function planOf(model: Model, shapes: readonly Shape[]): Plan {
  const byModel = plans.get(shapes) ?? new Map<Model, Plan>()
  plans.set(shapes, byModel)
  let plan = byModel.get(model)
  if (!plan) {
    plan = new Map(shapes.map((shape) => [shape.number, { shape, field: model.fields.get(shape.name) }]))
    byModel.set(model, plan)
  }
  return plan
}

function message(reader: Reader, end: number, model: Model, shapes: readonly Shape[]): Json {
  const plan = planOf(model, shapes)
  const result: Json = {}
  while (reader.pos < end) {
    const tag = reader.uint32()
    const known = plan.get(tag >>> 3)
    if (known?.shape.embedded) {
      const inner = reader.uint32() + reader.pos
      // Its fields are the outer object's in JSON.
      Object.assign(result, message(reader, inner, model, shapeOf(known.shape.name) ?? []))
    } else if (known?.field) assign(result, known.field, read(reader, known.field.type))
    else reader.skipType(tag & 7)
  }
  return result
}

/** Repeated fields come one by one; zero in a field that is no pointer means that there is nothing. */
function assign(result: Json, { name, type, pointer, required }: Field, value: Json): void {
  if (type.kind === 'list') {
    result[name] = [...(result[name] ?? []), value]
  } else if (type.kind === 'map') {
    result[name] = { ...result[name], ...value }
  } else if (value !== null && (pointer || required || (value !== '' && value !== 0 && value !== false))) {
    result[name] = value
  }
}

function read(reader: Reader, type: Type): Json {
  switch (type.kind) {
    case 'list':
      return read(reader, type.items)
    case 'map':
      return mapEntry(reader, type.values)
    case 'object': {
      const end = reader.uint32() + reader.pos
      const model = modelOf(type.model)
      return message(reader, end, model, shapeOf(type.model) ?? [])
    }
    case 'string':
      return reader.string()
    case 'boolean':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'int64':
      return Number(reader.int64())
    case 'double':
      return reader.double()
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64')
    case 'quantity':
      return strings(reader, { 1: 'text' }).text ?? '0'
    case 'int-or-string':
      return intOrString(reader)
    case 'time':
    case 'microtime':
      return time(reader, type.kind)
    case 'any':
      return rawJson(reader)
  }
}

/** A list as the value of a map (`extra` of a user) is a message of its own with the items in field 1. */
function mapEntry(reader: Reader, values: Type): Json {
  const end = reader.uint32() + reader.pos
  let key = ''
  let value: Json = values.kind === 'string' ? '' : null
  fields(reader, end, {
    1: () => {
      key = reader.string()
    },
    2: () => {
      value = values.kind === 'list' ? listMessage(reader, values.items) : read(reader, values)
    },
  })
  return { [key]: value }
}

function listMessage(reader: Reader, items: Type): Json[] {
  const result: Json[] = []
  const end = reader.uint32() + reader.pos
  fields(reader, end, { 1: () => result.push(read(reader, items)) })
  return result
}

function intOrString(reader: Reader): number | string {
  const end = reader.uint32() + reader.pos
  let isText = false
  let number = 0
  let text = ''
  fields(reader, end, {
    1: () => {
      isText = reader.int64().toString() === '1'
    },
    2: () => {
      number = reader.int32()
    },
    3: () => {
      text = reader.string()
    },
  })
  return isText ? text : number
}

/** The zero time is an empty message, null in JSON. */
function time(reader: Reader, kind: 'time' | 'microtime'): string | null {
  const end = reader.uint32() + reader.pos
  if (end === reader.pos) return null
  let seconds = 0
  let nanos = 0
  fields(reader, end, {
    1: () => {
      seconds = Number(reader.int64())
    },
    2: () => {
      nanos = reader.int32()
    },
  })
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return kind === 'time' ? `${whole}Z` : `${whole}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`
}

/** RawExtension and FieldsV1 carry JSON in field 1. */
function rawJson(reader: Reader): Json {
  const end = reader.uint32() + reader.pos
  let value: Json = null
  fields(reader, end, {
    1: () => {
      const bytes = Buffer.from(reader.bytes())
      value = bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : null
    },
  })
  return value
}
