import type { Role, Theme } from '../theme.ts'
import { chop } from './fit.ts'

/** In a text from some offset on, what stands there; what no rule finds stays plain. */
type Rule = { readonly role: Role; readonly pattern: string }
type Piece = { readonly role?: Role; readonly text: string }

const DOUBLE = `"(?:[^"\\\\\\n]|\\\\.)*"`
const SINGLE = `'(?:[^'\\\\\\n]|\\\\.)*'`
const NUMBER = `(?<![\\w.])-?\\d+(?:\\.\\d+)*\\b(?![-\\w.])`
const VARIABLE = `\\$(?:\\{[^}\\n]*\\}|\\w+|[@#?*!$-])`
const SHELL_WORDS = 'if|then|elif|else|fi|for|in|do|done|while|until|case|esac|function|test|export|local|return|exit'
const SCRIPT_WORDS =
  'import|from|export|default|const|let|var|function|return|if|else|for|of|in|while|do|switch|case|break|continue|new|' +
  'class|extends|this|async|await|try|catch|finally|throw|typeof|null|undefined|true|false'

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  sh: [
    { role: 'comment', pattern: `(?<![^\\s;])#.*` },
    { role: 'string', pattern: `${DOUBLE}|'[^'\\n]*'` },
    { role: 'accent', pattern: VARIABLE },
    { role: 'number', pattern: `(?<!\\S)--?[A-Za-z][\\w-]*` },
    { role: 'keyword', pattern: `(?<![^\\s;(])(?:${SHELL_WORDS})(?![^\\s;)])` },
  ],
  yaml: [
    { role: 'comment', pattern: `(?<!\\S)#.*` },
    { role: 'accent', pattern: `(?<=^[ \\t]*(?:- +)*)(?:[\\w$./-]+|${DOUBLE}|'[^'\\n]*')(?=:(?:\\s|$))` },
    { role: 'string', pattern: `(?<=[\\s\\[,{])(?:${DOUBLE}|'[^'\\n]*')` },
    { role: 'keyword', pattern: `^(?:---|\\.\\.\\.)$|(?<=[:\\[,-] *)\\b(?:true|false|null)\\b(?=\\s*(?:$|[,\\]#}]))` },
    { role: 'number', pattern: `(?<=[:\\[,-] +)-?\\d+(?:\\.\\d+)?(?=\\s*(?:$|[,\\]#}]))` },
  ],
  json: [
    { role: 'accent', pattern: `${DOUBLE}(?=\\s*:)` },
    { role: 'string', pattern: DOUBLE },
    { role: 'number', pattern: NUMBER },
    { role: 'keyword', pattern: '\\b(?:true|false|null)\\b' },
  ],
  js: [
    { role: 'comment', pattern: `//.*|/\\*[\\s\\S]*?\\*/` },
    { role: 'string', pattern: `${DOUBLE}|${SINGLE}|\`(?:[^\`\\\\]|\\\\[\\s\\S])*\`` },
    { role: 'keyword', pattern: `(?<![\\w.$])(?:${SCRIPT_WORDS})(?![\\w$])` },
    { role: 'number', pattern: NUMBER },
  ],
  dockerfile: [
    { role: 'comment', pattern: `^[ \\t]*#.*` },
    { role: 'keyword', pattern: `^[ \\t]*[A-Za-z]+(?=[ \\t])|(?<= )AS(?= )` },
    { role: 'string', pattern: `${DOUBLE}|'[^'\\n]*'` },
    { role: 'accent', pattern: VARIABLE },
    { role: 'number', pattern: `(?<= )--[a-z][\\w-]*` },
  ],
  diff: [
    { role: 'strong', pattern: `^(?:---|\\+\\+\\+) .*` },
    { role: 'added', pattern: `^\\+.*` },
    { role: 'removed', pattern: `^-.*` },
    { role: 'accent', pattern: `^@@.*` },
    { role: 'dim', pattern: `^\\\\.*` },
  ],
}

const ALIASES: Readonly<Record<string, string>> = {
  bash: 'sh',
  shell: 'sh',
  zsh: 'sh',
  yml: 'yaml',
  javascript: 'js',
  mjs: 'js',
  ts: 'js',
  typescript: 'js',
  patch: 'diff',
}

const HEREDOC = /<<-?[ \t]*(['"]?)(\w+)\1[^\n]*\n([\s\S]*?)^[ \t]*\2$/gm

const compiled = new Map<string, RegExp>()

/** The lines of a code, painted; of a language that is not known, as they are. Nothing but SGR is left in them. */
export function highlight(code: string, language: string, theme: Theme): string[] {
  const clean = code.replaceAll('\t', '  ').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '')
  const name = language.toLowerCase()
  const lines: string[] = ['']
  for (const { role, text } of piecesOf(clean, ALIASES[name] ?? name)) {
    text.split('\n').forEach((part, at) => {
      if (at > 0) lines.push('')
      lines[lines.length - 1] += role ? theme.paint(role, part) : part
    })
  }
  return lines
}

/** The rows of a code block in at most `width` cells, beside a bar; rows that go on with the one above are marked. */
export function renderCode(
  code: string,
  language: string,
  { width, theme }: { width: number; theme: Theme },
): string[] {
  const bar = width > 4 ? theme.paint('border', `${theme.symbols.box.v} `) : ''
  const mark = theme.paint('dim', `${theme.symbols.continued} `)
  const room = width - (bar === '' ? 0 : 2)
  return highlight(code, language, theme).flatMap((line) => chop(line, room, mark).map((row) => bar + row))
}

function piecesOf(code: string, language: string): readonly Piece[] {
  if (language !== 'sh') return tokens(code, language)
  const pieces: Piece[] = []
  let from = 0
  for (const match of code.matchAll(HEREDOC)) {
    const body = match[3]!
    const start = match.index + match[0].indexOf('\n') + 1
    pieces.push(...tokens(code.slice(from, start), 'sh'))
    pieces.push(...tokens(body, /^\s*(apiVersion|kind):/m.test(body) ? 'yaml' : 'text'))
    from = start + body.length
  }
  return [...pieces, ...tokens(code.slice(from), 'sh')]
}

function tokens(code: string, language: string): readonly Piece[] {
  const rules = Object.hasOwn(RULES, language) ? RULES[language]! : []
  if (rules.length === 0) return [{ text: code }]
  const pattern = compiled.get(language) ?? new RegExp(rules.map((rule) => `(${rule.pattern})`).join('|'), 'gm')
  compiled.set(language, pattern)
  const pieces: Piece[] = []
  let from = 0
  for (const match of code.matchAll(pattern)) {
    pieces.push({ text: code.slice(from, match.index) })
    pieces.push({ role: rules[match.slice(1).findIndex((group) => group !== undefined)]!.role, text: match[0] })
    from = match.index + match[0].length
  }
  return [...pieces, { text: code.slice(from) }]
}
