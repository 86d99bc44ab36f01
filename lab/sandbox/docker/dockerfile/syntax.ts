/** One instruction of a Dockerfile, its continued lines joined. */
export type Instruction = {
  /** Upper case. */
  readonly keyword: string
  readonly flags: readonly Flag[]
  /** What follows keyword and flags. */
  readonly text: string
  /** The exec form's words; undefined for the shell form. */
  readonly json: readonly string[] | undefined
  /** The whole instruction on one line, for messages and history. */
  readonly original: string
  /** First and last line in the file, from 1. */
  readonly line: number
  readonly end: number
}

export type Flag = { readonly name: string; readonly value: string | undefined }

export type Dockerfile = {
  readonly instructions: readonly Instruction[]
  readonly escapeChar: string
  readonly lines: readonly string[]
}

/** A Dockerfile that cannot be read; `line` is where, from 1. The message is BuildKit's. */
export class DockerfileError extends Error {
  override readonly name = 'DockerfileError'

  constructor(
    readonly line: number,
    message: string,
  ) {
    super(`dockerfile parse error on line ${line}: ${message}`)
  }
}

const KEYWORDS = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]
/** Instructions with a JSON form. */
const JSON_FORM = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'])
/** Instructions that take `--name[=value]` first. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  ADD: ['chown', 'chmod', 'link', 'checksum', 'exclude', 'keep-git-dir', 'unpack'],
  COPY: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
  RUN: ['mount', 'network', 'security', 'device'],
}

/** Reads a Dockerfile: directives, comments, continued lines, flags, exec and shell forms. @throws DockerfileError */
export function parseDockerfile(content: string): Dockerfile {
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/)
  const escapeChar = directives(lines)
  const continued = new RegExp(`${escapeChar === '\\' ? '\\\\' : '`'}[ \\t]*$`)
  const instructions: Instruction[] = []
  for (let at = 0; at < lines.length; at++) {
    if (isBlank(lines[at] as string)) continue
    const line = at + 1
    let text = ''
    for (; at < lines.length; at++) {
      const next = lines[at] as string
      if (isBlank(next)) continue
      const piece = text === '' ? next.trimStart() : next
      if (!continued.test(piece)) {
        text += piece
        break
      }
      text += piece.replace(continued, '')
    }
    instructions.push(instructionOf(text.trimEnd(), line, Math.min(at + 1, lines.length)))
  }
  return { instructions, escapeChar, lines }
}

const isBlank = (line: string): boolean => /^\s*(#.*)?$/.test(line)

/** The escape character, from the directives at the top. */
function directives(lines: readonly string[]): string {
  let escapeChar = '\\'
  const seen = new Set<string>()
  for (const [at, line] of lines.entries()) {
    const match = /^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line)
    const name = match?.[1]?.toLowerCase()
    const value = match?.[2] as string
    if (name !== 'syntax' && name !== 'escape' && name !== 'check') break
    if (seen.has(name)) throw new DockerfileError(at + 1, `only one ${name} parser directive can be used`)
    seen.add(name)
    if (name === 'escape') {
      if (value !== '\\' && value !== '`')
        throw new DockerfileError(at + 1, `invalid escape token '${value}' does not match \` or \\`)
      escapeChar = value
    }
    if (name === 'syntax' && !/^(docker\.io\/)?docker\/dockerfile(:|$)/.test(value)) {
      throw new DockerfileError(
        at + 1,
        `not supported in this sandbox: the Dockerfile frontend ${value}; use docker/dockerfile:1`,
      )
    }
  }
  return escapeChar
}

function instructionOf(text: string, line: number, end: number): Instruction {
  const fail = (message: string) => new DockerfileError(line, message)
  const [word = ''] = text.split(/\s/, 1)
  const keyword = word.toUpperCase()
  if (!KEYWORDS.includes(keyword)) throw fail(`unknown instruction: ${word}${suggestion(keyword)}`)
  let rest = text.slice(word.length).trim()
  const flags: Flag[] = []
  const allowed = FLAGS[keyword]
  while (allowed && rest.startsWith('--')) {
    const [flag = ''] = rest.split(/\s/, 1)
    const match = /^--([^=]*)(?:=(.*))?$/s.exec(flag)
    const name = match?.[1] ?? ''
    if (name === '') break
    if (!allowed.includes(name)) throw fail(`unknown flag: --${name}`)
    flags.push({ name, value: match?.[2] })
    rest = rest.slice(flag.length).trimStart()
  }
  if (['RUN', 'COPY', 'ADD'].includes(keyword) && /(^|\s)<<-?["']?[A-Za-z_]/.test(rest)) {
    throw fail('not supported in this sandbox: heredocs; write the content into a file of the build context')
  }
  if (rest === '') throw fail(needs(keyword))
  const json = JSON_FORM.has(keyword) ? jsonForm(rest) : undefined
  const original = text.replace(/\s+/g, ' ')
  return { keyword, flags, text: rest, json, original, line, end }
}

/** The words of an exec form. What is no JSON list of strings is a shell form, also for docker. */
export function jsonForm(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value = JSON.parse(text)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function needs(keyword: string): string {
  if (keyword === 'FROM') return 'FROM requires either one or three arguments'
  if (keyword === 'COPY' || keyword === 'ADD')
    return `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`
  if (keyword === 'ENV') return 'ENV must have two arguments'
  if (['WORKDIR', 'USER', 'STOPSIGNAL', 'MAINTAINER'].includes(keyword))
    return `${keyword} requires exactly one argument`
  return `${keyword} requires at least one argument`
}

function suggestion(keyword: string): string {
  const near = KEYWORDS.find((known) => distance(known, keyword) <= 2)
  return near ? ` (did you mean ${near}?)` : ''
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, x] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, y] of [...b].entries()) {
      next.push(Math.min((row[j] as number) + (x === y ? 0 : 1), (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
