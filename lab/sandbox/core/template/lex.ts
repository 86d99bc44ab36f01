/** A template that cannot be read or run; the message is that of Go's text/template. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly line: number }

export type Token = {
  readonly kind: 'string' | 'number' | 'word' | 'field' | 'variable' | 'symbol'
  readonly text: string
  /** A token that blanks separate from the one before. */
  readonly spaced: boolean
}

const TOKEN = /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?|\$\w*|\.\w+|\.|\w+|:=|[=|(),]/y

/** Cuts a template into texts and actions; `{{-` and `-}}` take blanks of the texts around them along. */
export function lex(template: string, name: string): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  let line = 1
  let trimNext = false
  const lines = (text: string) => text.split('\n').length - 1
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const end = open < 0 ? template.length : open
    let text = template.slice(at, end)
    const startLine = line
    line += lines(text)
    if (trimNext) text = text.trimStart()
    const trimmed = open >= 0 && /^\{\{-\s/.test(template.slice(open, open + 4))
    if (trimmed) text = text.trimEnd()
    if (text !== '') pieces.push({ kind: 'text', text, line: startLine })
    if (open < 0) break
    const close = template.indexOf('}}', open)
    if (close < 0) throw new TemplateError(`template: ${name}:${line}: unclosed action`)
    const inside = template.slice(open + 2, close)
    trimNext = /\s-$/.test(inside) || inside === '-'
    const body = inside.replace(/^-\s/, ' ').replace(/\s-$/, ' ')
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(body)) {
      pieces.push({ kind: 'action', tokens: tokenize(body, name, line), line })
    }
    line += lines(inside)
    at = close + 2
  }
  return pieces
}

function tokenize(body: string, name: string, line: number): readonly Token[] {
  const tokens: Token[] = []
  let spaced = true
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex
    const text = TOKEN.exec(body)?.[0]
    if (text === undefined) {
      throw new TemplateError(`template: ${name}:${line}: unexpected ${JSON.stringify(body[at])} in command`)
    }
    if (/^\s/.test(text)) {
      spaced = true
      continue
    }
    tokens.push({ kind: kindOf(text), text, spaced })
    spaced = false
  }
  return tokens
}

function kindOf(text: string): Token['kind'] {
  if (/^["`]/.test(text)) return 'string'
  if (/^-?\d/.test(text)) return 'number'
  if (text.startsWith('$')) return 'variable'
  if (text.startsWith('.')) return 'field'
  return /^\w/.test(text) ? 'word' : 'symbol'
}
