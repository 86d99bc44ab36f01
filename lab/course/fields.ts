import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { didYouMean } from '../engine/suggest.ts'
import type { Problems } from './problem.ts'

type FieldValues = {
  readonly text: string
  readonly number: number
  readonly texts: readonly string[]
  readonly record: Readonly<Record<string, string>>
}
type FieldType = keyof FieldValues
type Schema = Readonly<Record<string, { readonly type: FieldType; readonly optional?: boolean }>>
type Values<S extends Schema> = { readonly [K in keyof S]: FieldValues[S[K]['type']] }

const EMPTY: FieldValues = { text: '', number: 0, texts: [], record: {} }
const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: 'a text that is not empty',
  number: 'a number above 0',
  texts: 'a list of texts',
  record: 'a map of texts',
}

/** Reads a YAML map with exactly the keys of `schema`. `firstLine` is the line of the file at which `text` begins. */
export function readFields<S extends Schema>(
  text: string,
  schema: S,
  firstLine: number,
  problems: Problems,
): Values<S> {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const lineAt = (offset: number | undefined) => firstLine - 1 + counter.linePos(offset ?? 0).line
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, { type }]) => [key, EMPTY[type]]),
  )
  for (const error of document.errors)
    problems.add(
      lineAt(error.pos[0]),
      (error.message.split('\n')[0] as string).replace(/ at line \d+, column \d+:$/, ''),
    )
  if (document.errors.length > 0) return values as Values<S>
  const map = document.contents
  const items = isMap(map) ? map.items : []
  if (map && !isMap(map)) problems.add(firstLine, 'expected "key: value" lines')
  const seen = new Set<string>()
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : ''
    const line = lineAt(isScalar(key) ? key.range?.[0] : undefined)
    const field = Object.hasOwn(schema, name) ? schema[name] : undefined
    seen.add(name)
    if (!field) {
      problems.add(line, `unknown key "${name}"${didYouMean(name, Object.keys(schema))}`)
      continue
    }
    const plain: unknown = (value as { toJSON?(): unknown } | null)?.toJSON?.()
    if (!fits(field.type, plain)) problems.add(line, `"${name}" has to be ${EXPECTED[field.type]}`)
    else values[name] = plain
  }
  for (const [key, { optional }] of Object.entries(schema)) {
    if (!optional && !seen.has(key)) problems.add(firstLine, `"${key}" is missing`)
  }
  return values as Values<S>
}

function fits(type: FieldType, value: unknown): boolean {
  const isText = (candidate: unknown) => typeof candidate === 'string'
  switch (type) {
    case 'text':
      return isText(value) && value !== ''
    case 'number':
      return typeof value === 'number' && value > 0
    case 'texts':
      return Array.isArray(value) && value.every(isText)
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
  }
}
