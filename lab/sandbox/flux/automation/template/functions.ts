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

/** The functions of text/template, and those of sprig that commit messages are written with. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
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
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  trim: (value) => text(value).trim(),
  trimAll: (cut, value) => [...text(value)].join('').replace(edges(text(cut)), ''),
  trimPrefix: (prefix, value) =>
    text(value).startsWith(text(prefix)) ? text(value).slice(text(prefix).length) : text(value),
  trimSuffix: (suffix, value) =>
    text(value).endsWith(text(suffix)) ? text(value).slice(0, text(value).length - text(suffix).length) : text(value),
  contains: (part, value) => text(value).includes(text(part)),
  hasPrefix: (prefix, value) => text(value).startsWith(text(prefix)),
  hasSuffix: (suffix, value) => text(value).endsWith(text(suffix)),
  replace: (from, to, value) => text(value).replaceAll(text(from), () => text(to)),
  trunc: (length, value) =>
    Number(length) < 0 ? text(value).slice(Number(length)) : text(value).slice(0, Number(length)),
  repeat: (count, value) => text(value).repeat(Number(count)),
  quote: (...args) => args.map((arg) => JSON.stringify(text(arg))).join(' '),
  squote: (...args) => args.map((arg) => `'${text(arg)}'`).join(' '),
  default: (fallback, value) => (truth(value) ? value : fallback),
  join: (separator, list) => (Array.isArray(list) ? list.map(text).join(text(separator)) : text(list)),
  splitList: (separator, value) => text(value).split(text(separator)),
  first: (list) => (Array.isArray(list) ? list[0] : undefined),
  last: (list) => (Array.isArray(list) ? list.at(-1) : undefined),
  add: (...args) => args.reduce((sum: number, arg) => sum + Number(arg), 0),
  sub: (a, b) => Number(a) - Number(b),
}

const edges = (cut: string): RegExp => {
  const set = `[${cut.replace(/[\\\]^-]/g, '\\$&')}]*`
  return new RegExp(`^${set}|${set}$`, 'g')
}
