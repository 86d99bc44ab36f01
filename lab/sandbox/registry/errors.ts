import { ApiError } from '../core/errors.ts'

/** The codes of the distribution specification with the status and message that the reference registry gives them. */
const CODES = {
  UNAUTHORIZED: [401, 'authentication required'],
  DENIED: [403, 'requested access to the resource is denied'],
  UNSUPPORTED: [405, 'The operation is unsupported.'],
  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  TAG_INVALID: [400, 'manifest tag did not match URI'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_BLOB_UNKNOWN: [400, 'blob unknown to registry'],
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  BLOB_UPLOAD_INVALID: [404, 'blob upload invalid'],
  DIGEST_INVALID: [400, 'provided digest did not match uploaded content'],
  SIZE_INVALID: [400, 'provided length did not match content length'],
  RANGE_INVALID: [416, 'invalid content range'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
} as const satisfies Record<string, readonly [number, string]>

export type RegistryErrorCode = keyof typeof CODES

/** An answer in the wording of the distribution specification; `detail` goes into `errors[0].detail`. */
export function registryError(code: RegistryErrorCode, detail?: unknown, message?: string): ApiError {
  const [status, text] = CODES[code]
  return new ApiError(status, message ?? text, { code, detail })
}

/** The body that answers an error, in the distribution specification's form. */
export function errorBody(error: ApiError): string {
  const { code, detail } = error.extra
  return JSON.stringify({
    errors: [{ code: code ?? 'UNKNOWN', message: error.message, ...(detail === undefined ? {} : { detail }) }],
  })
}
