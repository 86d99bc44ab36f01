import { Environment } from '@marcbachmann/cel-js'
import type { FieldError } from '../../types.ts'
import { invalid } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { celValue } from './cel-values.ts'
import { mapValues, type StructuralSchema } from './schema.ts'

type Rule = {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

type Comparable = bigint | number | string
const compare = (a: Comparable, b: Comparable): number => (a < b ? -1 : a > b ? 1 : 0)

/** The functions that the API server adds to those of the language. */
const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn')
  .registerFunction(
    'string.find(string): string',
    (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '',
  )
  .registerFunction(
    'string.findAll(string): list',
    (text: string, pattern: string) => text.match(new RegExp(pattern, 'gu')) ?? [],
  )
  .registerFunction('list.sum(): dyn', (list: (bigint | number)[]) =>
    list.reduce((a, b) => (a as number) + (b as number), typeof list[0] === 'number' ? 0 : 0n),
  )
  .registerFunction('list.min(): dyn', (list: Comparable[]) => [...list].sort(compare)[0])
  .registerFunction('list.max(): dyn', (list: Comparable[]) => [...list].sort(compare).at(-1))
  .registerFunction('list.isSorted(): bool', (list: Comparable[]) =>
    list.every((item, at) => at === 0 || compare(list[at - 1] as Comparable, item) <= 0),
  )
  .registerFunction('list.indexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.indexOf(item)))
  .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text))

type Program = (context: Record<string, unknown>) => unknown
const programs = new Map<string, Program>()

function compile(expression: string): Program {
  let program = programs.get(expression)
  if (!program) {
    program = environment.parse(expression) as unknown as Program
    programs.set(expression, program)
  }
  return program
}

/** Why a rule cannot be used: it does not parse, or names something that there is not. `undefined` if it can. */
export function ruleError(expression: string): string | undefined {
  const result = environment.check(expression)
  if (!result.valid) return result.error?.message.split('\n')[0] ?? 'invalid expression'
  return ['bool', 'dyn'].includes(String(result.type)) ? undefined : 'must evaluate to a bool'
}

const rulesOf = (schema: StructuralSchema): readonly Rule[] => schema?.['x-kubernetes-validations'] ?? []

const known = new WeakMap<object, boolean>()

/** Whether a schema has a rule anywhere. */
export function hasRules(schema: StructuralSchema): boolean {
  if (schema === null || typeof schema !== 'object') return false
  let found = known.get(schema)
  if (found === undefined) {
    const values = mapValues(schema)
    found =
      rulesOf(schema).length > 0 ||
      Object.values(schema.properties ?? {}).some(hasRules) ||
      hasRules(schema.items) ||
      (values !== true && hasRules(values))
    known.set(schema, found)
  }
  return found
}

/** Evaluates the rules of a schema; those with `oldSelf` only where there is an old value. */
export function validateRules(schema: StructuralSchema, value: Json, old: Json, path = ''): FieldError[] {
  if (!hasRules(schema) || value === null || value === undefined) return []
  const own = rulesOf(schema).flatMap((rule) => evaluate(rule, schema, value, old, path))
  if (Array.isArray(value)) {
    return [
      ...own,
      ...value.flatMap((item, at) =>
        validateRules(schema.items, item, counterpart(schema, item, old), `${path}[${at}]`),
      ),
    ]
  }
  if (typeof value !== 'object') return own
  const values = mapValues(schema)
  const inner = Object.entries(value).flatMap(([name, item]) => {
    const property = schema.properties?.[name]
    const next = property ?? (values === true ? undefined : values)
    const place = path === '' ? name : property ? `${path}.${name}` : `${path}[${name}]`
    return next ? validateRules(next, item, old?.[name], place) : []
  })
  return [...own, ...inner]
}

/** The old item with the same keys: only lists that are maps have such. */
function counterpart(schema: StructuralSchema, item: Json, old: Json): Json {
  const keys: readonly string[] | undefined = schema['x-kubernetes-list-map-keys']
  if (!keys || !Array.isArray(old)) return undefined
  return old.find((other) => keys.every((key) => other?.[key] === item?.[key]))
}

function evaluate(rule: Rule, schema: StructuralSchema, value: Json, old: Json, path: string): FieldError[] {
  const usesOld = /\boldSelf\b/.test(rule.rule)
  if (usesOld && (old === undefined || old === null) && !rule.optionalOldSelf) return []
  const context = { self: celValue(schema, value), oldSelf: old === undefined ? null : celValue(schema, old) }
  const field = rule.fieldPath ? joinPath(path, rule.fieldPath) : path || '<nil>'
  try {
    if (compile(rule.rule)(context) === true) return []
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
    return [failure(rule, field, value, `${text} evaluating rule: ${rule.message ?? rule.rule}`)]
  }
  return [failure(rule, field, value, messageOf(rule, context))]
}

const joinPath = (path: string, fieldPath: string): string =>
  path === '' ? fieldPath.replace(/^\./, '') : `${path}${fieldPath}`

function messageOf({ rule, message, messageExpression }: Rule, context: Record<string, unknown>): string {
  if (messageExpression) {
    try {
      const text = compile(messageExpression)(context)
      if (typeof text === 'string' && text.trim()) return text.trim()
    } catch {
      // The static message stands in for an expression that fails, as it does on the real server.
    }
  }
  return message ?? `failed rule: ${rule.trim()}`
}

const REASONS = new Set(['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'])

/** Objects and lists are not quoted in the message, scalars are. */
function failure({ reason, fieldPath }: Rule, field: string, value: Json, text: string): FieldError {
  const cause = reason && REASONS.has(reason) ? reason : 'FieldValueInvalid'
  if (cause === 'FieldValueRequired') return { field, reason: cause, message: `Required value: ${text}` }
  if (cause === 'FieldValueForbidden') return { field, reason: cause, message: `Forbidden: ${text}` }
  if (cause === 'FieldValueDuplicate')
    return { field, reason: cause, message: `Duplicate value: ${JSON.stringify(value)}` }
  if (fieldPath || (value !== null && typeof value === 'object')) {
    return { field, reason: cause, message: `Invalid value: ${text}` }
  }
  return invalid(field, value, text)
}
