import { ApiError } from '../../core/errors.ts'
import type { Resource } from '../types.ts'

/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

export const cannotBeHandled = (resource: Resource, why: string): ApiError =>
  new ApiError(
    400,
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`,
    { reason: 'BadRequest', decoding: why },
  )

export const strictDecodingError = (resource: Resource, problems: readonly string[]): ApiError =>
  cannotBeHandled(resource, `strict decoding error: ${problems.join(', ')}`)
