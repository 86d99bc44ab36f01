import type { Json } from '../normalize.ts'

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly Step[]; readonly operator: string; readonly value: Json }

const compiled = new Map<string, readonly Step[]>()

const FILTER = /^\?\(\s*@((?:\.[\w-]+|\['[^']+'\])+)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)$/

/** The end of a bracket that opens at `start`, quotes and nested brackets observed. */
function closing(text: string, start: number): number {
  let depth = 0
  let quote = ''
  for (let at = start; at < text.length; at++) {
    const char = text[at] as string
    if (quote) quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '[') depth += 1
    else if (char === ']' && --depth === 0) return at
  }
  throw new SyntaxError(`unterminated array in ${text}`)
}

function literal(text: string): Json {
  const quoted = /^(['"])(.*)\1$/.exec(text)
  if (quoted) return quoted[2]
  if (text === 'true' || text === 'false') return text === 'true'
  return Number.isNaN(Number(text)) ? text : Number(text)
}

function bracket(inner: string): Step {
  if (inner === '*') return { kind: 'all' }
  const name = /^(['"])(.*)\1$/.exec(inner)
  if (name) return { kind: 'field', name: name[2] as string }
  const filter = FILTER.exec(inner)
  if (filter) {
    const [, path = '', operator = 'exists', value = ''] = filter
    return { kind: 'filter', path: parse(path), operator, value: literal(value) }
  }
  const at = Number(inner)
  if (!Number.isInteger(at)) throw new SyntaxError(`unsupported subscript [${inner}]`)
  return { kind: 'index', at }
}

function parse(path: string): readonly Step[] {
  const steps: Step[] = []
  for (let at = 0; at < path.length; ) {
    if (path[at] === '[') {
      const end = closing(path, at)
      steps.push(bracket(path.slice(at + 1, end).trim()))
      at = end + 1
      continue
    }
    const match = /^\.?((?:\\.|[^.[\\])+)/.exec(path.slice(at))
    if (!match) throw new SyntaxError(`unrecognized character in ${path}`)
    const name = (match[1] as string).replace(/\\(.)/g, '$1')
    steps.push(name === '*' ? { kind: 'all' } : { kind: 'field', name })
    at += match[0].length
  }
  return steps
}

function walk(steps: readonly Step[], value: Json): Json[] {
  const [step, ...rest] = steps
  if (!step) return [value]
  if (value === null || value === undefined) return []
  switch (step.kind) {
    case 'field':
      return typeof value === 'object' && step.name in value ? walk(rest, value[step.name]) : []
    case 'index': {
      const item = Array.isArray(value) ? value.at(step.at) : undefined
      return item === undefined ? [] : walk(rest, item)
    }
    case 'all':
      return typeof value === 'object' ? Object.values(value).flatMap((item) => walk(rest, item)) : []
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(step, item)).flatMap((item) => walk(rest, item)) : []
  }
}

function passes({ path, operator, value }: Extract<Step, { kind: 'filter' }>, item: Json): boolean {
  const [found] = walk(path, item)
  switch (operator) {
    case 'exists':
      return found !== undefined
    case '==':
      return found === value
    case '!=':
      return found !== value
    case '<':
      return found < value
    case '<=':
      return found <= value
    case '>':
      return found > value
    default:
      return found >= value
  }
}

/**
 * Every value that a JSONPath without braces (`.status.conditions[?(@.type=="Ready")].status`) finds.
 *
 * @throws SyntaxError for a path that cannot be read
 */
export function jsonPath(path: string, value: Json): Json[] {
  let steps = compiled.get(path)
  if (!steps) {
    steps = parse(path)
    compiled.set(path, steps)
  }
  return walk(steps, value)
}
