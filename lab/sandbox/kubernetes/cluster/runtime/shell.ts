import { posix } from 'node:path'

/** What a shell's commands see of their container. */
export type Shell = {
  readonly env: Record<string, string>
  cwd: string
  /** The content of a file. Throws an error with a `code` as Node's `fs` does. */
  read(path: string): string
  /** The names in a folder; undefined when it is a file. Throws as `read` does. */
  list(path: string): string[] | undefined
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs one command; undefined when there is no such program. */
  run(argv: readonly string[], output: (stream: 'stdout' | 'stderr', text: string) => void): Promise<number | undefined>
}

type Output = Parameters<Shell['run']>[1]
type Token = { readonly operator: string } | { readonly word: string }

/** Runs `a && b || c; d` with quotes and `$NAME`; what needs more of a shell is refused with exit code 2. */
export async function runScript(shell: Shell, text: string, output: Output): Promise<number> {
  let tokens: Token[]
  try {
    tokens = tokenize(text, shell.env)
  } catch (error) {
    output('stderr', `sh: ${(error as Error).message}\n`)
    return 2
  }
  let code = 0
  let argv: string[] = []
  let skip = false
  for (const token of [...tokens, { operator: ';' }]) {
    if ('word' in token) {
      argv.push(token.word)
      continue
    }
    if (argv.length > 0 && !skip) code = await runCommand(shell, argv, output)
    argv = []
    skip = token.operator === '&&' ? code !== 0 : token.operator === '||' ? code === 0 : false
  }
  return code
}

async function runCommand(shell: Shell, argv: string[], output: Output): Promise<number> {
  if (argv[0] === 'exec') argv.shift()
  if (argv[0] === 'exit') return Number(argv[1] ?? 0) & 255
  if (argv[0] === 'cd') return changeDirectory(shell, argv[1] ?? shell.env['HOME'] ?? '/', output)
  const code = await shell.run(argv, output)
  if (code !== undefined) return code
  output('stderr', `sh: ${argv[0]}: not found\n`)
  return 127
}

function changeDirectory(shell: Shell, to: string, output: Output): number {
  const path = posix.resolve(shell.cwd, to)
  try {
    if (shell.list(path) !== undefined) {
      shell.cwd = path
      return 0
    }
  } catch {
    // Said below.
  }
  output('stderr', `sh: cd: can't cd to ${to}: No such file or directory\n`)
  return 1
}

function tokenize(text: string, env: Readonly<Record<string, string>>): Token[] {
  const tokens: Token[] = []
  let word: string | undefined
  const flush = () => {
    if (word !== undefined) tokens.push({ word })
    word = undefined
  }
  const pattern = /\s+|&&|\|\||;|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|\$(\w+|\{\w+\})|[^\s&|;'"\\$<>`()]+|(.)/gs
  for (const match of text.matchAll(pattern)) {
    const [all, single, double, escaped, variable, other] = match
    if (other !== undefined) throw new Error(`"${other}" is not supported here: commands joined by && || and ; are`)
    if (/^\s/.test(all)) {
      flush()
      if (all.includes('\n')) tokens.push({ operator: ';' })
    } else if (all === '&&' || all === '||' || all === ';') {
      flush()
      tokens.push({ operator: all })
    } else if (single !== undefined) word = (word ?? '') + single
    else if (double !== undefined) word = (word ?? '') + expandQuoted(double, env)
    else if (escaped !== undefined) word = (word ?? '') + escaped
    else if (variable !== undefined) word = (word ?? '') + (env[variable.replace(/[{}]/g, '')] ?? '')
    else word = (word ?? '') + all
  }
  flush()
  return tokens
}

const expandQuoted = (text: string, env: Readonly<Record<string, string>>): string =>
  text
    .replace(/(\\)?\$(\w+|\{\w+\})/g, (all, escaped, name: string) =>
      escaped ? all : (env[name.replace(/[{}]/g, '')] ?? ''),
    )
    .replace(/\\(["\\$`])/g, '$1')
