import { lex, type Piece, TemplateError, type Token } from './lex.ts'

export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }

/** An operand and the fields that are taken of it: `.Changed.Files`, `$change.OldValue`. */
export type Term = { readonly operand: Operand; readonly fields: readonly string[]; readonly text: string }
export type Command = readonly Term[]
export type Pipeline = readonly Command[]

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline; readonly line: number }
  | {
      readonly kind: 'assign'
      readonly name: string
      readonly pipeline: Pipeline
      readonly isNew: boolean
      readonly line: number
    }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly variables: readonly string[]
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
      readonly line: number
    }

const LITERALS: Readonly<Record<string, unknown>> = { true: true, false: false, nil: undefined }
const UNSUPPORTED = new Set(['define', 'template', 'block', 'break', 'continue'])

/** Parses a template. @throws TemplateError */
export function parse(template: string, name: string, functions: ReadonlySet<string>): readonly Node[] {
  const pieces = lex(template, name)
  let at = 0

  const fail = (line: number, message: string): never => {
    throw new TemplateError(`template: ${name}:${line}: ${message}`)
  }

  const keywordOf = (piece: Piece | undefined): string | undefined =>
    piece?.kind === 'action' && piece.tokens[0]?.kind === 'word' ? piece.tokens[0].text : undefined

  function nodes(isNested: boolean): readonly Node[] {
    const list: Node[] = []
    for (;;) {
      const piece = pieces[at]
      if (!piece) {
        if (isNested) fail(pieces.at(-1)?.line ?? 1, 'unexpected EOF')
        return list
      }
      const keyword = keywordOf(piece)
      if (keyword === 'end' || keyword === 'else') {
        if (!isNested) fail(piece.line, `unexpected {{${keyword}}}`)
        return list
      }
      at++
      list.push(piece.kind === 'text' ? { kind: 'text', text: piece.text } : action(piece.tokens, piece.line))
    }
  }

  function action(tokens: readonly Token[], line: number): Node {
    const [first, second] = tokens
    if (!first) return fail(line, 'missing value for command')
    if (first.kind === 'word' && UNSUPPORTED.has(first.text)) {
      return fail(line, `{{${first.text}}} is not supported by this sandbox`)
    }
    if (first.text === 'if' || first.text === 'with' || first.text === 'range') {
      return control(first.text, tokens.slice(1), line)
    }
    if (first.kind === 'variable' && (second?.text === ':=' || second?.text === '=')) {
      const isNew = second.text === ':='
      return { kind: 'assign', name: first.text, pipeline: pipeline(tokens.slice(2), line), isNew, line }
    }
    return { kind: 'print', pipeline: pipeline(tokens, line), line }
  }

  function control(kind: 'if' | 'with' | 'range', tokens: readonly Token[], line: number): Node {
    const define = tokens.findIndex(({ text }) => text === ':=')
    const variables = tokens.slice(0, Math.max(0, define)).filter(({ kind }) => kind === 'variable')
    const value = pipeline(tokens.slice(define + 1), line)
    const body = nodes(true)
    const otherwise = alternative(kind, line)
    return { kind, variables: variables.map(({ text }) => text), pipeline: value, body, otherwise, line }
  }

  /** What follows the body: `{{end}}`, `{{else}}…{{end}}` or `{{else if …}}`. */
  function alternative(kind: 'if' | 'with' | 'range', line: number): readonly Node[] {
    const piece = pieces[at++] as Extract<Piece, { kind: 'action' }>
    if (keywordOf(piece) === 'end') return []
    const [, next, ...rest] = piece.tokens
    if (next && next.text === kind) return [control(kind, rest, piece.line)]
    if (next) return fail(piece.line, `unexpected <${next.text}> in else`)
    const body = nodes(true)
    if (keywordOf(pieces[at]) !== 'end') fail(line, 'expected end; found {{else}}')
    at++
    return body
  }

  function pipeline(tokens: readonly Token[], line: number): Pipeline {
    const rest = [...tokens]
    const result = commands(rest, line)
    if (rest.length > 0) fail(line, `unexpected ${JSON.stringify(rest[0]?.text)} in command`)
    if (result.some((command) => command.length === 0)) fail(line, 'missing value for command')
    return result
  }

  function commands(tokens: Token[], line: number): Pipeline {
    const list: Term[][] = [[]]
    while (tokens.length > 0 && tokens[0]?.text !== ')') {
      if (tokens[0]?.text === '|') {
        tokens.shift()
        list.push([])
      } else (list.at(-1) as Term[]).push(term(tokens, line))
    }
    return list
  }

  function term(tokens: Token[], line: number): Term {
    const first = tokens.shift() as Token
    const fields = first.kind === 'field' && first.text !== '.' ? [first.text.slice(1)] : []
    const operand = operandOf(first, tokens, line)
    let text = first.text
    while (tokens[0]?.kind === 'field' && !tokens[0].spaced && tokens[0].text !== '.') {
      text += tokens[0].text
      fields.push((tokens.shift() as Token).text.slice(1))
    }
    return { operand, fields, text }
  }

  function operandOf(token: Token, tokens: Token[], line: number): Operand {
    const { kind, text } = token
    if (kind === 'string') {
      return { kind: 'literal', value: text.startsWith('`') ? text.slice(1, -1) : JSON.parse(text) }
    }
    if (kind === 'number') return { kind: 'literal', value: Number(text) }
    if (kind === 'field') return { kind: 'dot' }
    if (kind === 'variable') return { kind: 'variable', name: text }
    if (text === '(') {
      const inner = commands(tokens, line)
      if (tokens.shift()?.text !== ')') fail(line, 'unclosed left paren')
      return { kind: 'pipeline', pipeline: inner }
    }
    if (kind !== 'word') return fail(line, `unexpected ${JSON.stringify(text)} in operand`)
    if (text in LITERALS) return { kind: 'literal', value: LITERALS[text] }
    if (!functions.has(text)) return fail(line, `function ${JSON.stringify(text)} not defined`)
    return { kind: 'function', name: text }
  }

  return nodes(false)
}
