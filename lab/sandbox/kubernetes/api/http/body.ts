import type { IncomingMessage } from 'node:http'
import { parseDocument } from 'yaml'
import { ApiError, messageOf } from '../../../core/errors.ts'
import { readBody } from '../../../core/http.ts'
import type { Resource } from '../../types.ts'
import type { Kinds } from '../kinds.ts'
import { badRequest } from '../registry/errors.ts'
import { isObject } from '../registry/values.ts'
import { duplicateFields } from './duplicates.ts'

const LIMIT = 3 * 1024 * 1024
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** The bytes of a request. @throws ApiError 413 */
export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(request, LIMIT)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    request.resume()
    throw new ApiError(413, `Request entity too large: limit is ${LIMIT}`, { reason: 'RequestEntityTooLarge' })
  }
}

export const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() || 'application/json'

/** Go's words for a JSON text that ends too early or has a character where none belongs. */
export function jsonError(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    const [, position] = /position (\d+)/.exec(messageOf(error)) ?? []
    const at = position === undefined ? text.length : Number(position)
    if (at >= text.length || text.trim() === '') return 'unexpected end of JSON input'
    return `invalid character '${text[at]}' looking for beginning of value`
  }
}

/** How an error shows what it could not read: text that looks like JSON as it is, anything else in hexadecimal. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const shown = (part: Buffer) => (bytes[0] === 0x7b ? part.toString() : part.toString('hex'))
  return bytes.length > 30 ? `${shown(bytes.subarray(0, 30))} ...` : shown(bytes)
}

const unrecognized = (kind: string, why: string, bytes: Buffer): ApiError =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(bytes)})`)

export type Body = { readonly value: unknown; readonly duplicates: readonly string[] }

function fromYaml(bytes: Buffer, kind: string): Body {
  const document = parseDocument(bytes.toString(), { uniqueKeys: false, strict: false })
  const [error] = document.errors
  if (!error) return { value: document.toJS(), duplicates: [] }
  // Go notices a key where its colon is, which may be lines after its start.
  const end = document.errors.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === error.pos[0])
  const { linePos } = end ?? error
  const line = (linePos?.[1] ?? linePos?.[0])?.line ?? 1
  const why = /implicit map|nested mapping|compact mapping/i.test(error.message)
    ? 'mapping values are not allowed in this context'
    : (error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? error.code)
  throw unrecognized(kind, `yaml: line ${line}: ${why}`, bytes)
}

/**
 * The object of a request body: JSON, YAML or, for built-in kinds, protobuf.
 * @throws ApiError 400 in the server's words, 415
 */
export function decodeBody(
  kinds: Kinds,
  resource: Pick<Resource, 'kind' | 'custom'>,
  type: string,
  bytes: Buffer,
): Body {
  if (type === PROTOBUF && !resource.custom) return { value: kinds.decodeProtobuf(bytes), duplicates: [] }
  if (type === 'application/yaml') return fromYaml(bytes, resource.kind)
  if (type !== 'application/json') {
    const accepted = ['application/json', 'application/yaml', ...(resource.custom ? [] : [PROTOBUF])].join(', ')
    const text = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
    throw new ApiError(415, text, { reason: 'UnsupportedMediaType' })
  }
  const text = bytes.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unrecognized(resource.kind, `couldn't get version/kind; json parse error: ${jsonError(text)}`, bytes)
  }
  if (value === null) return { value: {}, duplicates: [] }
  if (!isObject(value)) {
    const kind = Array.isArray(value) ? 'array' : typeof value
    const struct =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    const why = `json: cannot unmarshal ${kind} into Go value of type ${struct}`
    throw unrecognized(resource.kind, `couldn't get version/kind; json parse error: ${why}`, bytes)
  }
  for (const [field, name] of [
    ['kind', 'Kind'],
    ['apiVersion', 'apiVersion'],
  ] as const) {
    if (!resource.custom || value[field]) continue
    throw unrecognized(resource.kind, `Object '${name}' is missing in '${text}'`, bytes)
  }
  return { value, duplicates: duplicateFields(text) }
}
