import type { KubeObject, Schema } from '../../types.ts'
import { isObject, type Json } from '../registry/values.ts'
import { FieldSet } from './field-set.ts'
import { compare, toFieldSet } from './typed.ts'

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

/** Only kubectl's own server-side apply takes over from its client-side apply. */
const HEIR = 'kubectl'

function lastApplied({ metadata }: KubeObject): Json | undefined {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.[ANNOTATION] ?? '')
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Fields that kubectl may take over: what it applied from the client's side and nobody has changed since. */
export function inherited(live: KubeObject, manager: string, schema: Schema | undefined): FieldSet {
  const last = manager === HEIR ? lastApplied(live) : undefined
  if (!last) return new FieldSet()
  const { modified, added } = compare(live, last, schema)
  return toFieldSet(last, schema).difference(modified.union(added))
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/** Keeps kubectl's annotation in step with what it applies on the server's side, where there is one. */
export function withLastApplied(object: KubeObject, config: KubeObject, manager: string): KubeObject {
  const { annotations } = object.metadata
  if (manager !== HEIR || annotations?.[ANNOTATION] === undefined) return object
  const text = `${JSON.stringify(sorted(config))}\n`
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [ANNOTATION]: text } } }
}
