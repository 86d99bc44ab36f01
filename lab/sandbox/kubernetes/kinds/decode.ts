import type { KubeObject, Resource } from '../types.ts'
import { decodeCustom } from './custom/decode.ts'
import {
  apiVersionOf,
  cannotBeHandled,
  type Decoded,
  type FieldValidation,
  requireKind,
  strictDecodingError,
} from './decode-errors.ts'
import { DecodeError, decodeModel } from './decode-model.ts'
import { modelOfResource } from './model/model.ts'

/**
 * Reads an object of a resource: names and types are checked, unknown fields left out. Values stay as they were
 * written; `applyDefaults` brings them into the form in which the server stores them.
 *
 * @throws ApiError 400 in the words of the real server; `extra.decoding` is what follows `cannot be handled as a …: `
 */
export function decodeObject(resource: Resource, value: unknown, mode: FieldValidation): Decoded {
  if (resource.custom) return decodeCustom(resource, value, mode)
  const model = modelOfResource(resource)
  requireKind(resource, value)
  if (!model) throw new Error(`no schema for ${resource.group}/${resource.version} ${resource.kind}`)
  const unknown: string[] = []
  let object: unknown
  try {
    object = decodeModel(model, value ?? {}, { struct: '', names: '', path: '' }, unknown)
  } catch (error) {
    if (error instanceof DecodeError) throw cannotBeHandled(resource, error.message)
    throw error
  }
  const problems = unknown.map((path) => `unknown field "${path}"`)
  if (problems.length > 0 && mode === 'Strict') throw strictDecodingError(resource, problems)
  return {
    object: { ...(object as KubeObject), apiVersion: apiVersionOf(resource), kind: resource.kind },
    warnings: mode === 'Warn' ? problems : [],
  }
}
