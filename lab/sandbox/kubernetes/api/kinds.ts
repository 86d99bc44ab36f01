import type { FieldError, KubeObject, Resource, Schema } from '../types.ts'

/** What the API server has to be told about kinds. `../kinds/index.ts` is the one that ships; tests bring a smaller one. */
export interface Kinds {
  readonly builtInResources: readonly Resource[]
  decodeObject(
    resource: Resource,
    value: unknown,
    mode: 'Strict' | 'Warn' | 'Ignore',
  ): { object: KubeObject; warnings: string[] }
  applyDefaults(resource: Resource, object: KubeObject): KubeObject
  prepare(
    resource: Resource,
    object: KubeObject,
    old: KubeObject | undefined,
    subresource: string | undefined,
  ): KubeObject
  validate(resource: Resource, object: KubeObject, old: KubeObject | undefined): FieldError[]
  schemaOf(resource: Resource): Schema | undefined
  convert(resource: Resource, object: KubeObject): KubeObject
  decodeProtobuf(bytes: Buffer): unknown
  openapiIndex(resources: readonly Resource[]): unknown
  openapiV2Document(resources: readonly Resource[]): unknown
  openapiV2Protobuf(): Buffer
  openapiDocument(groupVersion: string, resources: readonly Resource[]): unknown
  tableOf(
    resource: Resource,
    objects: readonly KubeObject[],
    now: number,
  ): { columnDefinitions: unknown[]; rows: { cells: unknown[] }[] }
  selectableFields(resource: Resource, object: KubeObject): Record<string, string>
  customResource(definition: KubeObject): Resource[]
  validateDefinition(definition: KubeObject): FieldError[]
}
