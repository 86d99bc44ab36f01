/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined

/**
 * Replaces variables in a word and takes quotes and escapes away, as docker does: `$x`, `${x}`, `${x:-default}`,
 * `${x:+other}`, `${x:?error}` and the forms without a colon. @throws Error for what docker has beyond that
 */
export function expandWord(text: string, lookup: Lookup, escapeChar = '\\'): string {
  let result = ''
  let quote: '"' | "'" | undefined
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (quote === "'") {
      if (char === "'") quote = undefined
      else result += char
    } else if (char === escapeChar && at + 1 < text.length) {
      const next = text[++at] as string
      // Between double quotes only these lose their escapeChar, as in a shell.
      result += quote && !['"', '$', escapeChar].includes(next) ? char + next : next
    } else if (char === '"') quote = quote ? undefined : '"'
    else if (char === "'" && !quote) quote = "'"
    else if (char === '$') {
      const { value, length } = variable(text.slice(at), lookup, escapeChar)
      result += value
      at += length - 1
    } else result += char
  }
  return result
}

function variable(text: string, lookup: Lookup, escapeChar: string): { value: string; length: number } {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#])/.exec(text)
  if (plain) return { value: lookup(plain[1] as string) ?? '', length: plain[0].length }
  if (!text.startsWith('${')) return { value: '$', length: 1 }
  const end = closingBrace(text)
  if (end < 0) throw new Error('syntax error: missing closing brace in substitution')
  const body = text.slice(2, end)
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])(.*))?$/s.exec(body)
  if (!match) {
    const modifier = /^[A-Za-z_][A-Za-z0-9_]*(.*)$/s.exec(body)?.[1]
    throw new Error(modifier ? `unsupported modifier (${modifier}) in substitution` : 'bad substitution')
  }
  const [, name = '', operator = '', word = ''] = match
  return { value: modified(lookup(name), name, operator, () => expandWord(word, lookup, escapeChar)), length: end + 1 }
}

function modified(value: string | undefined, name: string, operator: string, word: () => string): string {
  const isSet = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator.endsWith('-')) return isSet ? (value as string) : word()
  if (operator.endsWith('+')) return isSet ? word() : ''
  if (operator.endsWith('?') && !isSet) throw new Error(`${name}: ${word() || 'not set'}`)
  return value ?? ''
}

function closingBrace(text: string): number {
  let depth = 0
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

/** Splits at blanks outside quotes; quotes and escapes stay. */
export function splitWords(text: string, escapeChar = '\\'): readonly string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char === escapeChar && quote !== "'" && at + 1 < text.length) word += char + text[++at]
    else if (quote) {
      word += char
      if (char === quote) quote = ''
    } else if (/\s/.test(char)) {
      if (word) words.push(word)
      word = ''
    } else {
      if (char === '"' || char === "'") quote = char
      word += char
    }
  }
  if (word) words.push(word)
  return words
}

/** `NAME=value` pairs of ENV and LABEL, or their old form `NAME value with blanks`. @throws Error */
export function pairsOf(
  keyword: string,
  text: string,
  lookup: Lookup,
  escapeChar: string,
): readonly (readonly [string, string])[] {
  const words = splitWords(text, escapeChar)
  if (!(words[0] as string).includes('=')) {
    const name = words[0] as string
    const value = text.slice(name.length).trim()
    if (value === '') throw new Error(`${keyword} must have two arguments`)
    return [[expandWord(name, lookup, escapeChar), expandWord(value, lookup, escapeChar)]]
  }
  return words.map((word) => {
    const at = word.indexOf('=')
    if (at < 0) throw new Error(`Syntax error - can't find = in "${word}". Must be of the form: name=value`)
    const name = expandWord(word.slice(0, at), lookup, escapeChar)
    if (name === '') throw new Error(`${keyword} names can not be blank`)
    return [name, expandWord(word.slice(at + 1), lookup, escapeChar)] as const
  })
}
