import { ApiError } from '../../../core/errors.ts'
import type { FieldError, Resource } from '../../types.ts'

type Named = Pick<Resource, 'group' | 'plural'>

/** `deployments.apps`, `pods` */
export const qualified = (name: string, group: string): string => (group === '' ? name : `${name}.${group}`)

const details = (kind: string, group: string, name: string | undefined) => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind,
})

export const notFound = (resource: Named, name: string): ApiError =>
  new ApiError(404, `${qualified(resource.plural, resource.group)} "${name}" not found`, {
    reason: 'NotFound',
    details: details(resource.plural, resource.group, name),
  })

export const alreadyExists = (resource: Named, name: string, deleting = false): ApiError => {
  const text = `${qualified(resource.plural, resource.group)} "${name}" already exists`
  return new ApiError(409, deleting ? `object is being deleted: ${text}` : text, {
    reason: 'AlreadyExists',
    details: details(resource.plural, resource.group, name),
  })
}

export const conflict = (resource: Named, name: string, why: string): ApiError =>
  new ApiError(
    409,
    `Operation cannot be fulfilled on ${qualified(resource.plural, resource.group)} "${name}": ${why}`,
    { reason: 'Conflict', details: details(resource.plural, resource.group, name) },
  )

export const modified = (resource: Named, name: string): ApiError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )

export const badRequest = (message: string): ApiError => new ApiError(400, message, { reason: 'BadRequest' })

/** A 500 as the real server gives for errors that it did not expect: a message without a reason. */
export const internal = (message: string): ApiError => new ApiError(500, message)

export const forbidden = (resource: Named, name: string, why: string, causes?: readonly unknown[]): ApiError =>
  new ApiError(403, `${qualified(resource.plural, resource.group)} "${name}" is forbidden: ${why}`, {
    reason: 'Forbidden',
    details: { ...details(resource.plural, resource.group, name), ...(causes ? { causes } : {}) },
  })

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'the server does not allow this method on the requested resource', {
    reason: 'MethodNotAllowed',
    details: {},
  })

export const noSuchResource = (): ApiError =>
  new ApiError(404, 'the server could not find the requested resource', { reason: 'NotFound', details: {} })

export const expired = (message: string): ApiError => new ApiError(410, message, { reason: 'Expired' })

/** A 422: the causes as given, the message with each text once. */
export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))]
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new ApiError(422, `${qualified(kind, group)} "${name}" is invalid: ${text}`, {
    reason: 'Invalid',
    details: {
      ...details(kind, group, name),
      causes: errors.map(({ field, message, reason }) => ({ reason, message, field })),
    },
  })
}

/** The name of the API's error type is part of its text, as in `metadata.uid: Invalid value: "x": field is immutable`. */
export const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
})

export const forbiddenField = (field: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
})

export const requiredValue = (field: string, why?: string): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: why ? `Required value: ${why}` : 'Required value',
})
