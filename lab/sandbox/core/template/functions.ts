/** What a template prints of a value. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`
  if (value instanceof Map) return `map[${[...value].map(([key, one]) => `${printed(key)}:${printed(one)}`).join(' ')}]`
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && !('toString' in own(value))) {
    return `{${Object.values(value).map(printed).join(' ')}}`
  }
  return String(value)
}

const own = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.getOwnPropertyNames(value).map((key) => [key, true]))

/** Whether a value counts as true: not false, zero or empty. */
export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  return Boolean(value)
}

type TemplateFunction = (...args: readonly unknown[]) => unknown
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>

const text = (value: unknown): string => printed(value)

function format(pattern: unknown, ...args: readonly unknown[]): string {
  let next = 0
  return text(pattern).replace(/%[svdq%]/g, (verb) => {
    if (verb === '%%') return '%'
    const value = args[next++]
    return verb === '%q' ? JSON.stringify(text(value)) : text(value)
  })
}

const size = (value: unknown): number =>
  value instanceof Map ? value.size : Array.isArray(value) ? value.length : text(value).length

const index = (value: unknown, ...keys: readonly unknown[]): unknown =>
  keys.reduce(
    (found, key) => (found instanceof Map ? found.get(key) : Array.isArray(found) ? found[Number(key)] : undefined),
    value,
  )

const compare =
  (test: (order: number) => boolean): TemplateFunction =>
  (a, b) =>
    test(typeof a === 'number' && typeof b === 'number' ? a - b : text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0)

/** The functions that text/template has by itself. */
export const BUILT_IN: TemplateFunctions = {
  and: (...args) => args.find((arg) => !truth(arg)) ?? args.at(-1),
  or: (...args) => args.find(truth) ?? args.at(-1),
  not: (value) => !truth(value),
  eq: (value, ...others) => others.some((other) => text(other) === text(value)),
  ne: (a, b) => text(a) !== text(b),
  lt: compare((order) => order < 0),
  le: compare((order) => order <= 0),
  gt: compare((order) => order > 0),
  ge: compare((order) => order >= 0),
  len: size,
  index,
  print: (...args) => args.map(text).join(''),
  println: (...args) => `${args.map(text).join(' ')}\n`,
  printf: format,
}
