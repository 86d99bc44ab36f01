import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml'
import { parseDuration } from '../core/duration.ts'
import { GO_YAML } from '../core/yaml.ts'

type ScalarType = 'string' | 'bool' | 'int' | 'time.Duration'

/** A type of Go that YAML is decoded into. */
export type GoType =
  | ScalarType
  | { readonly slice: GoType }
  | { readonly struct: string; readonly fields: Readonly<Record<string, GoType>> }

/** What a type decodes to: durations are milliseconds, and what a document leaves out is Go's zero value. */
export type Decoded<Type> = Type extends 'string'
  ? string
  : Type extends 'bool'
    ? boolean
    : Type extends ScalarType
      ? number
      : Type extends { readonly slice: infer Item }
        ? readonly Decoded<Item>[]
        : Type extends { readonly fields: infer Fields }
          ? { readonly [Name in keyof Fields]: Decoded<Fields[Name]> }
          : never

/**
 * Decodes as Go's yaml.v2 does in its strict mode: YAML 1.1, so that `yes` is a boolean, and no field that a struct lacks.
 * @throws Error in its words, with a line for each problem
 */
export function decodeStrict<const Type extends GoType>(text: string, type: Type): Decoded<Type> {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...GO_YAML, lineCounter: lines })
  const [error] = document.errors
  if (error) throw new Error(`yaml: ${error.message.split('\n')[0]}`)
  const problems: string[] = []
  const value = decode(document.contents, type, (node, problem) =>
    problems.push(`line ${lines.linePos(node.range?.[0] ?? 0).line}: ${problem}`),
  )
  if (problems.length > 0) throw new Error(`yaml: unmarshal errors:\n  ${problems.join('\n  ')}`)
  return value as Decoded<Type>
}

function decode(node: Node | null, type: GoType, complain: (node: Node, problem: string) => void): unknown {
  if (node === null || (isScalar(node) && node.value === null)) return zeroOf(type)
  const mismatch = () => {
    complain(node, `cannot unmarshal ${describe(node)} into ${nameOf(type)}`)
    return zeroOf(type)
  }
  if (typeof type === 'string') return (isScalar(node) ? scalarOf(node, type) : undefined) ?? mismatch()
  if ('slice' in type) {
    return isSeq(node) ? node.items.map((item) => decode(item as Node, type.slice, complain)) : mismatch()
  }
  if (!isMap(node)) return mismatch()
  const value = zeroOf(type) as Record<string, unknown>
  for (const pair of node.items) {
    const field = String(pair.key)
    const fieldType = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined
    if (fieldType) value[field] = decode(pair.value as Node | null, fieldType, complain)
    else complain(pair.key as Node, `field ${field} not found in type ${type.struct}`)
  }
  return value
}

function zeroOf(type: GoType): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (typeof type === 'string') return 0
  if ('slice' in type) return []
  return Object.fromEntries(Object.entries(type.fields).map(([field, fieldType]) => [field, zeroOf(fieldType)]))
}

const nameOf = (type: GoType): string =>
  typeof type === 'string' ? type : 'slice' in type ? `[]${nameOf(type.slice)}` : type.struct

function scalarOf({ value, source }: Scalar, type: ScalarType): unknown {
  if (type === 'string') return typeof value === 'string' ? value : source
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined
  // A duration without a unit counts nanoseconds.
  if (Number.isInteger(value)) return type === 'int' ? value : (value as number) / 1e6
  if (type === 'int' || typeof value !== 'string') return undefined
  try {
    return parseDuration(value)
  } catch {
    return undefined
  }
}

/** A node in the messages of yaml.v2: its tag, and of a scalar the first characters. */
function describe(node: Node): string {
  if (!isScalar(node)) return isMap(node) ? '!!map' : '!!seq'
  const source = node.source ?? String(node.value)
  const tag = typeof node.value === 'boolean' ? '!!bool' : Number.isInteger(node.value) ? '!!int' : '!!str'
  return `${tag} \`${source.length > 10 ? `${source.slice(0, 7)}...` : source}\``
}
