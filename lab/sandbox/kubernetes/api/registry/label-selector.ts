import { badRequest } from './errors.ts'

type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'
type Requirement = { readonly key: string; readonly operator: Operator; readonly values: readonly string[] }
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean

const SYMBOLS = ['==', '!=', '=', '!', ',', '(', ')', '>', '<'] as const

function tokenize(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] as string)) {
      at += 1
      continue
    }
    const symbol = SYMBOLS.find((s) => text.startsWith(s, at))
    const token = symbol ?? /^[^\s=!,()<>]+/.exec(text.slice(at))?.[0] ?? (text[at] as string)
    tokens.push(token)
    at += token.length
  }
  return tokens
}

const isSymbol = (token: string | undefined): boolean => token === undefined || SYMBOLS.some((s) => s === token)

class Parser {
  private at = 0

  constructor(private readonly tokens: readonly string[]) {}

  parse(): Requirement[] {
    const found: Requirement[] = []
    while (this.at < this.tokens.length) {
      found.push(this.requirement())
      const next = this.tokens[this.at++]
      if (next === undefined) break
      if (next !== ',') throw this.unexpected(next, "',' or 'end of string'")
      if (this.at === this.tokens.length) throw this.unexpected(undefined, "identifier after ','")
    }
    return found
  }

  private requirement(): Requirement {
    const first = this.tokens[this.at]
    const negated = first === '!'
    if (!negated && isSymbol(first)) {
      throw badRequest(`found '${first ?? ''}', expected: !, identifier, or 'end of string'`)
    }
    if (negated) this.at += 1
    const key = this.identifier()
    if (negated) return { key, operator: '!', values: [] }
    const next = this.tokens[this.at]
    if (next === undefined || next === ',') return { key, operator: 'exists', values: [] }
    this.at += 1
    if (next === 'in' || next === 'notin') return { key, operator: next, values: this.list() }
    if (next === '=' || next === '==' || next === '!=') {
      return { key, operator: next === '!=' ? '!=' : '=', values: [this.value()] }
    }
    if (next === '>' || next === '<') return { key, operator: next, values: [this.value()] }
    throw this.unexpected(next, 'in, notin, =, ==, !=, gt, lt'.replace('gt, lt', '>, <'))
  }

  private identifier(): string {
    const token = this.tokens[this.at]
    if (token === undefined || isSymbol(token)) throw this.unexpected(token, 'identifier')
    this.at += 1
    return token
  }

  /** A value may be empty: `key=`. */
  private value(): string {
    const token = this.tokens[this.at]
    if (token === undefined || token === ',') return ''
    return this.identifier()
  }

  private list(): string[] {
    const found = this.tokens[this.at]
    if (found !== '(') throw badRequest(`unable to parse requirement: found '${found ?? ''}' expected: '('`)
    this.at += 1
    const values: string[] = []
    for (;;) {
      const token = this.tokens[this.at++]
      if (token === ')') return [...values, ...(values.length === 0 ? [''] : [])]
      if (token === ',') continue
      if (token === undefined || isSymbol(token)) throw this.unexpected(token, "',', or identifier")
      values.push(token)
    }
  }

  private unexpected(found: string | undefined, expected: string): Error {
    return badRequest(`unable to parse requirement: found '${found ?? ''}', expected: ${expected}`)
  }
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case '>':
      return value !== undefined && Number(value) > Number(values[0])
    case '<':
      return value !== undefined && Number(value) < Number(values[0])
  }
}

/** `a=b,c in (d,e),!f` as a predicate. @throws ApiError 400 in the server's words */
export function parseLabelSelector(text: string | undefined): LabelMatcher {
  if (!text?.trim()) return () => true
  const requirements = new Parser(tokenize(text)).parse()
  return (labels = {}) => requirements.every((requirement) => holds(requirement, labels))
}

/** The selector of a Deployment or a budget as a predicate; one that is missing selects nothing. */
export function matcherOf(
  selector:
    | {
        matchLabels?: Record<string, string>
        matchExpressions?: { key: string; operator: string; values?: string[] }[]
      }
    | undefined,
): LabelMatcher {
  if (!selector) return () => false
  const operators: Record<string, Operator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }
  const requirements: Requirement[] = [
    ...Object.entries(selector.matchLabels ?? {}).map(
      ([key, value]): Requirement => ({ key, operator: '=', values: [value] }),
    ),
    ...(selector.matchExpressions ?? []).map(
      ({ key, operator, values = [] }): Requirement => ({ key, operator: operators[operator] ?? 'exists', values }),
    ),
  ]
  return (labels = {}) => requirements.every((requirement) => holds(requirement, labels))
}
