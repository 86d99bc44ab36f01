import type { KubeObject, Resource, Schema } from '../../types.ts'
import { checkName, checkNamespace } from '../registry/checks.ts'
import { groupVersion } from '../registry/conversion.ts'
import { badRequest, internal } from '../registry/errors.ts'
import { isObject } from '../registry/values.ts'
import { typedErrors } from './typed-errors.ts'

/** The body of an apply, checked against the path and the schema. @throws ApiError 400, 500 */
export function configurationOf(
  resource: Resource,
  namespace: string | undefined,
  name: string,
  body: unknown,
  schema: Schema | undefined,
): KubeObject {
  const { apiVersion = '', kind = '', metadata } = (isObject(body) ? body : {}) as Partial<KubeObject>
  if (!isObject(body) || apiVersion !== groupVersion(resource) || kind !== resource.kind) {
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`)
  }
  const config = { ...body, metadata: metadata ?? {} } as KubeObject
  if (config.metadata.managedFields) throw badRequest('metadata.managedFields must be nil')
  if (!config.metadata.name) config.metadata = { ...config.metadata, name }
  checkNamespace(resource, config, namespace)
  checkName(config, name)
  const errors = typedErrors(config, schema)
  if (errors.length > 0) {
    const [version, group = ''] = apiVersion.split('/').reverse()
    const type = group === '' ? `/${version}` : apiVersion
    const where = `${config.metadata.namespace ?? ''}/${name}; ${type}, Kind=${kind}`
    throw internal(`failed to create typed patch object (${where}): ${errors.join('\n')}`)
  }
  return config
}
