import { posix } from 'node:path'
import type { ImageConfig } from './images.ts'

/** A container that cannot be started; the message is what the runtime says about it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

export type NodeCommand = {
  /** Arguments of `node`, paths as the container knows them. */
  readonly args: readonly string[]
  /** Set in front of the command, as in `NODE_ENV=production node server.js`. */
  readonly env: Readonly<Record<string, string>>
}

type ReadFile = (path: string) => string | undefined

const SHELLS = ['sh', '/bin/sh', 'bash', '/bin/bash', '/bin/ash', 'ash']
const NODES = ['node', 'nodejs', '/usr/local/bin/node', '/usr/bin/node']
const ENTRYPOINTS = ['docker-entrypoint.sh', '/usr/local/bin/docker-entrypoint.sh', 'tini', '/sbin/tini', 'dumb-init']

const notFound = (program: string) => new StartError(`exec: "${program}": executable file not found in $PATH`)

/** What a container runs: the pod's command replaces the image's Entrypoint and Cmd, its args the Cmd alone. */
export function argvOf(command: readonly string[], args: readonly string[], { config }: ImageConfig): string[] {
  if (command.length > 0) return [...command, ...args]
  return [...(config?.Entrypoint ?? []), ...(args.length > 0 ? args : (config?.Cmd ?? []))]
}

/**
 * Follows a container's command to the `node` that it starts: through `npm start` and `npm run`, the entry points of
 * the Node images, and a shell that only starts one program. @throws StartError for anything else
 */
export function followCommand(argv: readonly string[], cwd: string, readFile: ReadFile): NodeCommand {
  return follow(argv, cwd, readFile, {}, 0)
}

function follow(
  argv: readonly string[],
  cwd: string,
  readFile: ReadFile,
  env: Readonly<Record<string, string>>,
  depth: number,
): NodeCommand {
  const [program, ...rest] = argv
  if (depth > 8) throw new StartError(`${argv.join(' ')}: scripts call one another without end`)
  if (program === undefined) throw new StartError('no command specified')
  if (ENTRYPOINTS.includes(program)) {
    const inner = rest[0] === '--' ? rest.slice(1) : rest
    // The Node images' entry point puts node in front of what is no program.
    const [first = ''] = inner
    return follow(
      first.startsWith('-') || /\.[cm]?js$/.test(first) ? ['node', ...inner] : inner,
      cwd,
      readFile,
      env,
      depth + 1,
    )
  }
  if (NODES.includes(program)) return { args: checked(rest), env }
  if (program === 'npm') return follow(['sh', '-c', npmScript(rest, cwd, readFile)], cwd, readFile, env, depth + 1)
  if (SHELLS.includes(program)) {
    if (rest[0] !== '-c' || rest[1] === undefined) throw notFound(program)
    const script = parseScript(rest[1])
    return follow(script.argv, cwd, readFile, { ...env, ...script.env }, depth + 1)
  }
  throw notFound(program)
}

function npmScript(args: readonly string[], cwd: string, readFile: ReadFile): string {
  const [verb = '', ...rest] = args.filter((arg) => arg !== '--silent' && arg !== '-s')
  const name = ['run', 'run-script'].includes(verb)
    ? rest[0]
    : ['start', 'test', 'stop'].includes(verb)
      ? verb
      : undefined
  if (!name)
    throw new StartError(`npm ${args.join(' ')}: only npm start and npm run NAME can be run in a container here`)
  const path = posix.join(cwd, 'package.json')
  const text = readFile(path)
  if (text === undefined) throw new StartError(`npm error enoent Could not read package.json: no such file ${path}`)
  let scripts: Record<string, string> | undefined
  try {
    scripts = (JSON.parse(text) as { scripts?: Record<string, string> }).scripts
  } catch (error) {
    throw new StartError(`npm error EJSONPARSE ${path}: ${(error as Error).message}`)
  }
  if (scripts?.[`pre${name}`]) throw new StartError(`npm ${args.join(' ')}: a pre${name} script cannot be run here`)
  const script = scripts?.[name] ?? (name === 'start' ? 'node server.js' : undefined)
  if (script === undefined) throw new StartError(`npm error Missing script: "${name}"`)
  const after = args.indexOf('--')
  return after < 0
    ? script
    : `${script} ${args
        .slice(after + 1)
        .map(quoted)
        .join(' ')}`
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

/** One command with variables in front of it; anything that needs a real shell is refused. */
function parseScript(text: string): { argv: string[]; env: Record<string, string> } {
  const words = splitWords(text)
  const env: Record<string, string> = {}
  if (words[0] === 'exec') words.shift()
  while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) {
    const word = words.shift() as string
    env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
  }
  if (words[0] === 'exec') words.shift()
  return { argv: words, env }
}

/** Words as a shell splits them. @throws StartError for operators and expansions outside quotes */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (quote) {
      if (character === quote) quote = ''
      else if (character === '\\' && quote === '"') word += text[++at] ?? ''
      else word += character
    } else if (character === "'" || character === '"') {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '\\') word = (word ?? '') + (text[++at] ?? '')
    else if (/[|&;<>$`()*]/.test(character)) {
      throw new StartError(`sh: ${text}: there is no shell in this container; it can start one program only`)
    } else word = (word ?? '') + character
  }
  if (quote) throw new StartError(`sh: syntax error: unterminated quoted string`)
  if (word !== undefined) words.push(word)
  return words
}

/** Options that would widen what a container may reach are not the container's to give. */
export function checked(args: readonly string[]): readonly string[] {
  const widening = args.find((arg) =>
    /^--(allow-|permission|experimental-permission|no-experimental-permission)/.test(arg),
  )
  if (widening) throw new StartError(`node: ${widening} is not allowed in a container`)
  return args
}
