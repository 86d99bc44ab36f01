import { ApiError } from '../../../core/errors.ts'
import type { PatchType } from '../../../core/kube-client.ts'
import type { KubeObject, Resource, Schema } from '../../types.ts'
import { badRequest, invalid } from '../registry/errors.ts'
import { isObject } from '../registry/values.ts'
import { goFormat } from './go-format.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { strategicMerge } from './strategic-merge.ts'

export type Patch = { readonly type: PatchType; readonly body: unknown }

export const MEDIA_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/apply-patch+yaml': 'apply',
  'application/strategic-merge-patch+json': 'strategic',
}

const unsupported = (accepted: readonly string[]) =>
  new ApiError(
    415,
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    { reason: 'UnsupportedMediaType' },
  )

/** The document after a JSON, merge or strategic merge patch. @throws ApiError 400, 415, 422, 500 */
export function patched(resource: Resource, document: KubeObject, patch: Patch, schema: Schema | undefined): unknown {
  if (patch.type === 'json') return jsonPatch(document, patch.body)
  if (!isObject(patch.body)) {
    const kind = Array.isArray(patch.body) ? 'array' : typeof patch.body
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    )
  }
  if (patch.type === 'merge') return mergePatch(document, patch.body)
  if (resource.custom) {
    throw unsupported(Object.keys(MEDIA_TYPES).filter((type) => MEDIA_TYPES[type] !== 'strategic'))
  }
  return strategicMerge(document, patch.body, schema)
}

/** Decoding errors of strategic patches, which the real server finds while it converts from a map. */
const CONVERSIONS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /cannot unmarshal (number|bool) into .* of type (map|struct|\[)/,
    ([, from]) => `cannot restore map from ${go(from)}`,
  ],
  [/cannot unmarshal number into .* of type string/, () => 'cannot convert int64 to string'],
  [/cannot unmarshal (?:bool) into .* of type string/, () => 'cannot convert bool to string'],
  [/cannot unmarshal .* of type (\S+)$/, ([, type]) => `unrecognized type: ${type}`],
]

const go = (kind: string | undefined) => (kind === 'number' ? 'int64' : kind)

/** What a decoding error of a patched document is answered with: a 422 on the patch instead of a 400 on the object. */
export function patchError(error: unknown, patch: Patch, document: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 400) return error
  const [, text] = /cannot be handled as an? \S+: (.*)$/s.exec(error.message) ?? []
  if (text === undefined) return error
  const value = patch.type === 'strategic' ? goFormat(patch.body) : JSON.stringify(document)
  const conversion = patch.type === 'strategic' ? CONVERSIONS.find(([pattern]) => pattern.test(text)) : undefined
  const why = conversion ? conversion[1](conversion[0].exec(text) as RegExpExecArray) : text
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  return invalid('', '', '', [{ field: 'patch', reason: 'FieldValueInvalid', message }])
}
