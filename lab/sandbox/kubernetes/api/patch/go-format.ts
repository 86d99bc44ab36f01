import { isObject } from '../registry/values.ts'

/** A JSON value as Go prints it with %v: `map[spec:map[replicas:many]]`, keys sorted. Error texts contain it. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`
  if (!isObject(value)) return String(value)
  const entries = Object.keys(value).sort()
  return `map[${entries.map((key) => `${key}:${goFormat(value[key])}`).join(' ')}]`
}
