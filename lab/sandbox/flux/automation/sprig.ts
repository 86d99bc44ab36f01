import { type TemplateFunctions, printed as text, truth } from '../../core/template/functions.ts'

/** The functions of sprig that commit messages are written with. */
export const SPRIG: TemplateFunctions = {
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
