import type { CustomResource, Schema } from '../../types.ts'
import { modelOf } from '../model/model.ts'
import { schemaOfModel } from '../model/schema.ts'
import type { Json } from '../normalize.ts'

/** A node of an `openAPIV3Schema`. */
export type StructuralSchema = Json

export const preservesUnknown = (schema: StructuralSchema): boolean =>
  schema?.['x-kubernetes-preserve-unknown-fields'] === true

export const isEmbedded = (schema: StructuralSchema): boolean => schema?.['x-kubernetes-embedded-resource'] === true

export const isIntOrString = (schema: StructuralSchema): boolean => schema?.['x-kubernetes-int-or-string'] === true

/** The schema of the values of a map, `true` when anything goes, `undefined` when it is no map. */
export const mapValues = (schema: StructuralSchema): StructuralSchema | true | undefined => {
  const values = schema?.additionalProperties
  return values === undefined || values === false ? undefined : values
}

const schemas = new WeakMap<CustomResource, Schema>()

/** The shape of a custom resource for patches and server-side apply. */
export function schemaOfCustom(custom: CustomResource): Schema {
  let schema = schemas.get(custom)
  if (!schema) {
    const own = convert(custom.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })
    schema = { ...own, type: 'object', fields: { ...own.fields, ...typeFields, metadata: objectMeta() } }
    schemas.set(custom, schema)
  }
  return schema
}

const typeFields: Readonly<Record<string, Schema>> = { apiVersion: { type: 'string' }, kind: { type: 'string' } }
const objectMeta = (): Schema => schemaOfModel(modelOf('V1ObjectMeta'))

function convert(schema: StructuralSchema): Schema {
  if (isIntOrString(schema)) return { type: 'int-or-string' }
  const preserve = preservesUnknown(schema) ? { preserveUnknown: true } : {}
  switch (schema?.type) {
    case 'object': {
      const values = mapValues(schema)
      const fields = Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, convert(inner)])
      const embedded = isEmbedded(schema) ? { ...typeFields, metadata: objectMeta() } : {}
      return {
        type: 'object',
        ...preserve,
        ...(schema['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {}),
        ...(fields.length > 0 || isEmbedded(schema) ? { fields: { ...Object.fromEntries(fields), ...embedded } } : {}),
        ...(values ? { values: values === true ? { type: 'any', preserveUnknown: true } : convert(values) } : {}),
      }
    }
    case 'array':
      return {
        type: 'array',
        items: convert(schema.items),
        ...(schema['x-kubernetes-list-type'] ? { list: schema['x-kubernetes-list-type'] } : {}),
        ...(schema['x-kubernetes-list-map-keys'] ? { listKeys: schema['x-kubernetes-list-map-keys'] } : {}),
      }
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: schema.type }
    default:
      return { type: 'any', preserveUnknown: true }
  }
}
