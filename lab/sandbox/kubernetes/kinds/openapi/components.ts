import { atomicMaps, atomicTypes, retainKeys } from '../model/lists.ts'
import { type Field, type Model, modelOf, type ScalarKind, type Type } from '../model/model.ts'
import { enumMeanings, enums } from '../model/scalars.ts'
import type { Json } from '../normalize.ts'

/** Version 2 puts schemas into `definitions` and lets a reference stand beside a description. */
export type Dialect = 'v2' | 'v3'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
export const TIME = `${META}.Time`
const MICRO_TIME = `${META}.MicroTime`
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
export const LIST_META = `${META}.ListMeta`

const BY_VALUE: Readonly<Record<Dialect, Readonly<Record<string, Json>>>> = {
  v3: {
    [TIME]: { description: 'A time in RFC 3339.', format: 'date-time', type: 'string' },
    [MICRO_TIME]: { description: 'A time in RFC 3339 with microseconds.', format: 'date-time', type: 'string' },
    [QUANTITY]: {
      description: 'An amount with an optional suffix: 100m, 1.5, 64Mi.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
    [INT_OR_STRING]: {
      description: 'A whole number or a string.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  },
  v2: {
    [TIME]: { description: 'A time in RFC 3339.', type: 'string', format: 'date-time' },
    [MICRO_TIME]: { description: 'A time in RFC 3339 with microseconds.', type: 'string', format: 'date-time' },
    [QUANTITY]: { description: 'An amount with an optional suffix: 100m, 1.5, 64Mi.', type: 'string' },
    [INT_OR_STRING]: { description: 'A whole number or a string.', type: 'string', format: 'int-or-string' },
  },
}

const SCALARS: Partial<Record<ScalarKind, Json>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
}

const REFERRED: Partial<Record<ScalarKind, string>> = {
  time: TIME,
  microtime: MICRO_TIME,
  quantity: QUANTITY,
  'int-or-string': INT_OR_STRING,
}

/** The schemas of a document: models are added with all that they refer to. */
export class Components {
  readonly schemas: Record<string, Json> = {}

  constructor(private readonly dialect: Dialect) {}

  reference(name: string): Json {
    return { $ref: this.dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}` }
  }

  /** Adds a model, with the group, version and kind that it stands for, and returns its name. */
  add(model: Model, kinds: readonly Json[] = []): string {
    if (!this.schemas[model.openapi]) {
      const properties: Json = {}
      const schema: Json = { ...(model.doc ? { description: model.doc } : {}), properties, type: 'object' }
      this.schemas[model.openapi] = schema
      for (const field of model.fields.values()) properties[field.name] = this.property(field)
      const required = [...model.fields.values()].filter((field) => field.required).map(({ name }) => name)
      if (required.length > 0) schema.required = required
      if (atomicTypes.has(model.name)) schema['x-kubernetes-map-type'] = 'atomic'
    }
    if (kinds.length > 0) this.schemas[model.openapi]['x-kubernetes-group-version-kind'] = kinds
    return model.openapi
  }

  private property(field: Field): Json {
    const schema = this.schema(field.type)
    const values = enums[field.fact]?.slice(1) ?? []
    const description = describe(field, values)
    const isReference = '$ref' in schema
    const inner = isReference && this.dialect === 'v3' ? { allOf: [schema] } : schema
    return {
      ...(description ? { description } : {}),
      ...(isReference && this.dialect === 'v3' && field.always === 'struct' ? { default: {} } : {}),
      ...inner,
      ...(values.length > 0 && this.dialect === 'v3' ? { enum: values } : {}),
      ...mergeExtensions(field),
    }
  }

  private schema(type: Type): Json {
    switch (type.kind) {
      case 'object':
        return this.reference(this.add(modelOf(type.model)))
      case 'list':
        return { type: 'array', items: this.inner(type.items) }
      case 'map':
        return { type: 'object', additionalProperties: this.inner(type.values) }
      default: {
        const name = REFERRED[type.kind]
        if (!name) return { ...SCALARS[type.kind] }
        this.schemas[name] ??= BY_VALUE[this.dialect][name]
        return this.reference(name)
      }
    }
  }

  /** An item or a value of a map: version 3 wraps references so that a default can stand beside them. */
  private inner(type: Type): Json {
    const schema = this.schema(type)
    if (this.dialect === 'v2') return schema
    if ('$ref' in schema) return { allOf: [schema], default: {} }
    return type.kind === 'string' ? { ...schema, default: '' } : schema
  }
}

function describe(field: Field, values: readonly string[]): string {
  if (values.length === 0) return field.doc
  const meanings = enumMeanings[field.fact] ?? {}
  const lines = values.map((value) => ` - \`${JSON.stringify(value)}\`${meanings[value] ? ` ${meanings[value]}` : ''}`)
  return `${field.doc}\n\nPossible enum values:\n${lines.join('\n')}`
}

function mergeExtensions({ fact, list, type }: Field): Json {
  if (type.kind === 'map') return atomicMaps.has(fact) ? { 'x-kubernetes-map-type': 'atomic' } : {}
  const retains = retainKeys.has(fact)
  if (type.kind !== 'list') return retains ? { 'x-kubernetes-patch-strategy': 'retainKeys' } : {}
  const merges = list?.merge || list?.mergeScalars
  return {
    ...(list?.keys ? { 'x-kubernetes-list-map-keys': list.keys } : {}),
    'x-kubernetes-list-type': list?.list ?? 'atomic',
    ...(list?.merge ? { 'x-kubernetes-patch-merge-key': list.merge } : {}),
    ...(merges ? { 'x-kubernetes-patch-strategy': retains ? 'merge,retainKeys' : 'merge' } : {}),
  }
}
