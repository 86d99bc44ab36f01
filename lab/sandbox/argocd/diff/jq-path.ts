import { isMap } from '../../core/json.ts'

/** The way to a value: names of fields and indices of items. */
export type Path = readonly string[]

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'each' }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'select'; readonly field: readonly Step[]; readonly equals: unknown; readonly negated: boolean }

/** A jq path expression that the sandbox cannot follow. */
export class UnsupportedPath extends Error {
  override readonly name = 'UnsupportedPath'
}

/**
 * Reads the part of jq that paths in `ignoreDifferences` are written in: `.a.b`, `."a b"`, `.a[]`, `.a[0]`, `.["a"]`
 * and `select(.name == "x")` (or `!=`) after a pipe. @throws UnsupportedPath
 */
export function parseJqPath(expression: string): readonly Step[] {
  return expression.split('|').flatMap((part): readonly Step[] => {
    const text = part.trim()
    const select = /^select\((.+?)\s*(==|!=)\s*(.+)\)$/.exec(text)
    if (select) {
      const [, field = '', operator, value = ''] = select
      return [
        {
          kind: 'select',
          field: parseSteps(field, expression),
          equals: literal(value, expression),
          negated: operator === '!=',
        },
      ]
    }
    return parseSteps(text, expression)
  })
}

function literal(text: string, expression: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unsupported(expression)
  }
}

const unsupported = (expression: string): UnsupportedPath =>
  new UnsupportedPath(`jqPathExpressions: "${expression}" is more of jq than the sandbox supports (paths and select)`)

function parseSteps(text: string, expression: string): Step[] {
  const steps: Step[] = []
  let rest = text
  while (rest !== '' && rest !== '.') {
    const match = /^(?:\.?\[\]|\.?\[(-?\d+)\]|\.?\["([^"]*)"\]|\."([^"]*)"|\.([A-Za-z_]\w*))\??/.exec(rest)
    if (!match) throw unsupported(expression)
    const [whole, index, bracketed, quoted, plain] = match
    const name = bracketed ?? quoted ?? plain
    if (name !== undefined) steps.push({ kind: 'field', name })
    else if (index !== undefined) steps.push({ kind: 'index', at: Number(index) })
    else steps.push({ kind: 'each' })
    rest = rest.slice(whole.length)
  }
  return steps
}

/** The places that an expression selects in a value. */
export function selectPaths(value: unknown, steps: readonly Step[], path: Path = []): Path[] {
  const [step, ...rest] = steps
  if (!step) return [path]
  switch (step.kind) {
    case 'field':
      return isMap(value) && step.name in value ? selectPaths(value[step.name], rest, [...path, step.name]) : []
    case 'index':
      return Array.isArray(value) && step.at in value
        ? selectPaths(value[step.at], rest, [...path, String(step.at)])
        : []
    case 'each':
      if (Array.isArray(value)) return value.flatMap((item, at) => selectPaths(item, rest, [...path, String(at)]))
      return isMap(value) ? Object.entries(value).flatMap(([key, item]) => selectPaths(item, rest, [...path, key])) : []
    case 'select': {
      const found = selectPaths(value, step.field).some((at) => valueAt(value, at) === step.equals)
      return found !== step.negated ? selectPaths(value, rest, path) : []
    }
  }
}

/** What is at a place of a value. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (Array.isArray(at) ? at[Number(key)] : isMap(at) ? at[key] : undefined), value)
