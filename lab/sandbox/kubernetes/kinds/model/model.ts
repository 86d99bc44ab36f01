import type { Resource } from '../../types.ts'
import { fieldDocs } from './docs.ts'
import { type ListFact, listFacts } from './lists.ts'
import { enums, quantities } from './scalars.ts'
import generated from './schemas.generated.json' with { type: 'json' }
import { type Shape, shapeOf } from './shapes.ts'

export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'time'
  | 'microtime'
  | 'int-or-string'
  | 'quantity'
  | 'bytes'
  | 'any'

export type Type =
  | { readonly kind: ScalarKind /** As Go's JSON decoder names it. */; readonly go: string }
  | { readonly kind: 'list'; readonly items: Type; readonly go: string }
  | { readonly kind: 'map'; readonly values: Type; readonly go: string }
  | { readonly kind: 'object'; readonly model: string; readonly go: string }

export type Field = {
  readonly name: string
  readonly type: Type
  readonly required: boolean
  readonly pointer: boolean
  readonly always: Shape['always']
  readonly doc: string
  /** The key of the tables of facts: `PodSpec.containers`. */
  readonly fact: string
  readonly list: ListFact | undefined
}

export type Model = {
  /** Key of the generated file: `V1PodSpec`. */
  readonly key: string
  /** Name of the Go type: `PodSpec`. */
  readonly name: string
  /** Name in OpenAPI: `io.k8s.api.core.v1.PodSpec`. */
  readonly openapi: string
  readonly doc: string
  readonly fields: ReadonlyMap<string, Field>
}

type GeneratedModel = readonly [owner: string, doc: number, fields: Readonly<Record<string, readonly [string, number]>>]
const { types, docs } = generated as unknown as {
  types: Readonly<Record<string, GeneratedModel>>
  docs: readonly string[]
}

const documentation = (at: number): string => (at === 0 ? '' : (docs[at - 1] as string))

/** `V1PodSpec` → `PodSpec`, `CoreV1Event` → `Event`. */
const goName = (key: string): string => key.replace(/^(?:[A-Z][a-z]+)?V\d(?=[A-Z])/, '')

const GO: Readonly<Record<ScalarKind, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  time: 'v1.Time',
  microtime: 'v1.MicroTime',
  'int-or-string': 'intstr.IntOrString',
  quantity: 'resource.Quantity',
  bytes: '[]uint8',
  any: 'interface {}',
}

function typeOf(text: string, fact: string): Type {
  if (text.startsWith('[]')) {
    const items = typeOf(text.slice(2), fact)
    return { kind: 'list', items, go: `[]${items.go}` }
  }
  if (text.startsWith('{}')) {
    const values = typeOf(text.slice(2), fact)
    return { kind: 'map', values, go: `map[string]${values.go}` }
  }
  if (text in types) return { kind: 'object', model: text, go: `v1.${goName(text)}` }
  if (text === 'string' && quantities.has(fact)) return { kind: 'quantity', go: GO.quantity }
  const named = enums[fact]?.[0]
  if (text === 'string' && named) return { kind: 'string', go: `v1.${named}` }
  return { kind: text as ScalarKind, go: GO[text as ScalarKind] }
}

/** Fields of the 1.36 API that the client's models do not have yet. */
const added: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PodStatus: { observedGeneration: 'int64' },
}

function build(key: string): Model | undefined {
  const found = types[key]
  if (!found) return undefined
  const [owner, doc, members] = found
  const name = goName(key)
  const shapes = new Map<string, Shape>()
  const collect = (shape: readonly Shape[] | undefined): void => {
    for (const field of shape ?? []) {
      if (field.embedded) collect(shapeOf(field.name))
      else shapes.set(field.name, field)
    }
  }
  collect(shapeOf(key))
  const entries = Object.entries(members)
  for (const [field, type] of Object.entries(added[name] ?? {})) if (!members[field]) entries.push([field, [type, 0]])
  const fields = entries.map(([field, [text, about]]): [string, Field] => {
    const fact = `${name}.${field}`
    const shape = shapes.get(field)
    const type = typeOf(text.replace(/!$/, ''), fact)
    return [
      field,
      {
        name: field,
        type,
        required: text.endsWith('!'),
        // A type without a shape keeps what it was given.
        pointer: shapes.size === 0 || (shape?.pointer ?? false),
        always: shape?.always,
        doc: documentation(about) || (fieldDocs[fact] ?? ''),
        fact,
        list: listFacts[fact],
      },
    ]
  })
  return { key, name, openapi: `io.k8s.${owner}.${name}`, doc: documentation(doc), fields: new Map(fields) }
}

const models = new Map<string, Model>()

/** A model by its key in the generated file. @throws Error when there is none: a defect of this program */
export function modelOf(key: string): Model {
  let model = models.get(key)
  if (!model) {
    model = build(key)
    if (!model) throw new Error(`no model ${key} in schemas.generated.json`)
    models.set(key, model)
  }
  return model
}

const KEYS: Readonly<Record<string, string>> = {
  '/v1/Event': 'CoreV1Event',
  'events.k8s.io/v1/Event': 'EventsV1Event',
  'authentication.k8s.io/v1/TokenRequest': 'AuthenticationV1TokenRequest',
}

/** The model of a built-in kind, `undefined` if there is none. */
export function modelOfKind(group: string, version: string, kind: string): Model | undefined {
  const key = KEYS[`${group}/${version}/${kind}`] ?? `V${version.slice(1)}${kind}`
  return key in types ? modelOf(key) : undefined
}

/** The model of a built-in resource, `undefined` for a custom one. */
export const modelOfResource = (resource: Resource): Model | undefined =>
  resource.custom ? undefined : modelOfKind(resource.group, resource.version, resource.kind)
