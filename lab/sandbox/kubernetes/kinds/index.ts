import type { Resource, Schema } from '../types.ts'
import { schemaOfCustom } from './custom/schema.ts'
import { modelOfResource } from './model/model.ts'
import { schemaOfModel } from './model/schema.ts'

export { bodyKinds } from './bodies.ts'
export { convert } from './convert.ts'
export { customResource } from './custom/definition.ts'
export { validateDefinition } from './custom/validate-definition.ts'
export { decodeObject } from './decode.ts'
export { applyDefaults } from './defaults/index.ts'
export { openapiDocument, openapiIndex, openapiV2Document, openapiV2Protobuf } from './openapi/index.ts'
export { tableOf } from './printing/index.ts'
export { humanDuration } from './printing/values.ts'
export { decodeProtobuf } from './protobuf/decode.ts'
export { addQuantities, canonicalQuantity, compareQuantities } from './quantity.ts'
export { builtInResources, storageOf } from './resources.ts'
export { selectableFields } from './selectable.ts'
export { prepare } from './strategy/prepare.ts'
export { validate } from './validation/index.ts'

/** The shape of the objects of a resource, for patches and server-side apply; recursive kinds give cyclic values. */
export function schemaOf(resource: Resource): Schema | undefined {
  if (resource.custom) return schemaOfCustom(resource.custom)
  const model = modelOfResource(resource)
  return model && schemaOfModel(model)
}
