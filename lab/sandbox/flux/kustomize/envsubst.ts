/** A text whose variables cannot be substituted. The messages are those of Flux's envsubst. */
export class SubstitutionError extends Error {
  override readonly name = 'SubstitutionError'
}

const NAME = /[A-Za-z0-9_]+/y
const OPERATOR = /:[=\-?+]|:|=|,,?|\^\^?|\/[#%/]?|##?|%%?/y
/** Operators that stand in for a variable which is not set. */
const DEFAULTS = new Set(['=', ':=', ':-', ':+', ':?'])

/**
 * Replaces `${name}` and the bash forms `:-` `:=` `=` `:pos:len` `^` `,` `#` `%` `/` by values; `$${name}` means a plain
 * `${name}`. A variable that is not set, and has no default, is an error. @throws SubstitutionError
 */
export function envsubst(text: string, variables: ReadonlyMap<string, string>): string {
  let at = 0

  const fail = (message: string): never => {
    throw new SubstitutionError(message)
  }
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const close = () => {
    if (text[at] !== '}') fail('bad substitution')
    at++
  }

  /** Text up to one of the stopping characters, with nested substitutions. */
  function words(stop: string, escapes: boolean): string {
    let result = ''
    while (at < text.length && !stop.includes(text[at] as string)) {
      if (text.startsWith('${', at)) {
        at += 2
        result += substitution()
      } else if (text.startsWith('$${', at)) {
        at += 3
        result += '${'
      } else {
        if (escapes && text[at] === '\\' && at + 1 < text.length) at++
        result += text[at++]
      }
    }
    return result
  }

  /** What follows `${`, up to and with the closing brace. */
  function substitution(): string {
    if (text[at] === '#') {
      at++
      const name = take(NAME)
      if (!name) fail('bad substitution')
      close()
      return String([...lookUp(name, '#')].length)
    }
    const name = take(NAME)
    if (!name) fail('unable to parse variable name')
    if (text[at] === '}') {
      at++
      return lookUp(name, '')
    }
    const operator = take(OPERATOR)
    if (!operator) fail('missing closing brace')
    const args = argumentsOf(operator)
    close()
    return apply(operator, lookUp(name, operator), args)
  }

  function argumentsOf(operator: string): string[] {
    if (/^[,^]/.test(operator)) return []
    if (operator === ':') {
      const position = words(':}', false)
      if (text[at] !== ':') return [position]
      at++
      return [position, words('}', false)]
    }
    if (operator.startsWith('/')) {
      const pattern = words('/', true)
      if (text[at] !== '/') fail('bad substitution')
      at++
      return [pattern, words('}', true)]
    }
    return [words('}', false)]
  }

  function lookUp(name: string, operator: string): string {
    const value = variables.get(name)
    if (value === undefined && !DEFAULTS.has(operator)) {
      fail(`variable not set (strict mode): ${JSON.stringify(name)}`)
    }
    return value ?? ''
  }

  return words('', false)
}

function apply(operator: string, value: string, [first = '', second]: readonly string[]): string {
  switch (operator) {
    case '^':
      return value.slice(0, 1).toUpperCase() + value.slice(1)
    case '^^':
      return value.toUpperCase()
    case ',':
      return value.slice(0, 1).toLowerCase() + value.slice(1)
    case ',,':
      return value.toLowerCase()
    case ':':
      return substring(value, first, second)
    case '#':
    case '##':
      return trimPrefix(value, first, operator === '##')
    case '%':
    case '%%':
      return trimSuffix(value, first, operator === '%%')
    case '/':
      return value.replace(first, () => second ?? '')
    case '//':
      return value.replaceAll(first, () => second ?? '')
    case '/#':
      return value.startsWith(first) ? (second ?? '') + value.slice(first.length) : value
    case '/%':
      return value.endsWith(first) ? value.slice(0, value.length - first.length) + (second ?? '') : value
    default:
      return value === '' ? first : value
  }
}

function substring(value: string, position: string, length: string | undefined): string {
  if (!/^-?\d+$/.test(position.trim())) return value
  const start = Number(position) < 0 ? Math.max(0, value.length + Number(position)) : Number(position)
  if (length === undefined) return value.slice(start)
  return /^-?\d+$/.test(length) ? value.slice(start, start + Number(length)) : value
}

const globOf = (pattern: string) =>
  new RegExp(
    `^${pattern.replace(/[*?]|[.+^${}()|[\]\\]/g, (c) => (c === '*' ? '[^]*' : c === '?' ? '[^]' : `\\${c}`))}$`,
  )

function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const glob = globOf(pattern)
  const lengths = Array.from({ length: value.length }, (_, at) => (longest ? value.length - at : at + 1))
  const length = lengths.find((size) => glob.test(value.slice(0, size)))
  return length === undefined ? value : value.slice(length)
}

const reversed = (text: string): string => [...text].reverse().join('')

const trimSuffix = (value: string, pattern: string, longest: boolean): string =>
  reversed(trimPrefix(reversed(value), reversed(pattern), longest))
