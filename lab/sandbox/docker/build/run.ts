import { posix } from 'node:path'
import type { Instruction } from '../dockerfile/syntax.ts'
import { expandWord, splitWords } from '../dockerfile/words.ts'
import { absolute } from './copy.ts'
import { type Draft, lookupOf } from './draft.ts'
import { type Changes, folder, type Node, remove, write } from './tree.ts'

/** A command of RUN that ended with a code other than 0. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed'

  constructor(
    readonly command: string,
    readonly code: number,
  ) {
    super(`process "/bin/sh -c ${command}" did not complete successfully: exit code: ${code}`)
  }
}

/** A command that cannot be carried out truthfully here. */
export class RunRefused extends Error {
  override readonly name = 'RunRefused'

  constructor(command: string) {
    super(
      `not supported in this sandbox: RUN ${command} (there is no container to run it in; RUN can do mkdir, rm, true, ` +
        'and npm ci or npm install for a package without dependencies: do the rest in the job before docker build, and COPY the result)',
    )
  }
}

type Session = {
  readonly draft: Draft
  readonly written: Map<string, Node>
  readonly removed: Set<string>
  log(line: string): void
}

/**
 * Carries out the few commands whose whole effect is on the image's own files, joined by `&&`.
 * @throws RunRefused for all others, RunFailed when one fails
 */
export function runInstruction(draft: Draft, instruction: Instruction, log: (line: string) => void): Changes {
  const { flags, json, text } = instruction
  if (flags.length > 0) throw new RunRefused(`--${flags[0]?.name}`)
  const session: Session = { draft, written: new Map(), removed: new Set(), log }
  const lookup = lookupOf(draft)
  const commands = json ? [json] : text.split('&&').map((part) => splitWords(part.trim()))
  if (!json && /[|<>`(){}&;]|\$\(/.test(text.replaceAll('&&', ''))) throw new RunRefused(text)
  for (const words of commands) {
    const argv = json ? words : words.map((word) => expandWord(word, lookup))
    const code = runCommand(session, argv)
    if (code === undefined) throw new RunRefused(json ? argv.join(' ') : words.join(' '))
    if (code !== 0) throw new RunFailed(text, code)
  }
  return session
}

/** The exit code of a command; undefined if it is none of those that can be done. */
function runCommand(session: Session, [command, ...args]: readonly string[]): number | undefined {
  const { draft, written, removed } = session
  const options = args.filter((arg) => arg.startsWith('-'))
  const paths = args.filter((arg) => !arg.startsWith('-')).map((path) => absolute(draft.config.WorkingDir ?? '/', path))
  if (command === 'true' || command === ':') return 0
  if (command === 'false') return 1
  if (paths.some((path) => /[*?[]/.test(path))) return undefined
  if (command === 'mkdir') {
    if (options.some((option) => option !== '-p' && option !== '--parents')) return undefined
    for (const path of paths) {
      const present = draft.tree.get(path)
      if (present && (options.length === 0 || present.type !== 'directory')) {
        session.log(`mkdir: can't create directory '/${path}': File exists`)
        return 1
      }
      const parent = posix.dirname(path)
      if (options.length === 0 && parent !== '.' && draft.tree.get(parent)?.type !== 'directory') {
        session.log(`mkdir: can't create directory '/${path}': No such file or directory`)
        return 1
      }
      if (!present) write(draft.tree, written, path, folder())
    }
    return 0
  }
  if (command === 'rm') {
    if (options.some((option) => !/^-[rRf]+$/.test(option))) return undefined
    const force = options.some((option) => option.includes('f'))
    const recursive = options.some((option) => /r/i.test(option))
    for (const path of paths) {
      const present = draft.tree.get(path)
      if (!present && force) continue
      if (!present || (present.type === 'directory' && !recursive)) {
        session.log(`rm: can't remove '/${path}': ${present ? 'Is a directory' : 'No such file or directory'}`)
        return 1
      }
      remove(draft.tree, path)
      for (const key of [...written.keys()]) if (key === path || key.startsWith(`${path}/`)) written.delete(key)
      removed.add(path)
    }
    return 0
  }
  return command === 'npm' ? npm(session, args) : undefined
}

const HARMLESS =
  /^--(omit=(dev|optional|peer)|production|only=prod(uction)?|ignore-scripts|no-audit|no-fund|no-update-notifier|prefer-offline|no-package-lock|loglevel[= ]\w+|silent)$/
const HOOKS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']

/** `npm ci` and `npm install` of a package that needs nothing: there is nothing to fetch and nothing to write. */
function npm(session: Session, [verb, ...options]: readonly string[]): number | undefined {
  if (verb !== 'ci' && verb !== 'install' && verb !== 'i') return undefined
  if (!options.every((option) => HARMLESS.test(option))) return undefined
  const { tree, config } = session.draft
  const file = (name: string) => {
    const node = tree.get(absolute(config.WorkingDir ?? '/', name))
    return node?.type === 'file' ? node.content.toString('utf8') : undefined
  }
  const text = file('package.json')
  const lock = file('package-lock.json') ?? file('npm-shrinkwrap.json')
  if (text === undefined) {
    session.log('npm error code ENOENT')
    session.log(
      `npm error enoent Could not read package.json: ENOENT: no such file or directory, open '${config.WorkingDir}/package.json'`,
    )
    return 254
  }
  if (verb === 'ci' && lock === undefined) {
    session.log('npm error code EUSAGE')
    session.log(
      'npm error The `npm ci` command can only install with an existing package-lock.json or npm-shrinkwrap.json',
    )
    return 1
  }
  // npm install would write a lock file here, whose bytes depend on the version of npm.
  if (lock === undefined && !options.includes('--no-package-lock')) return undefined
  const manifest = JSON.parse(text)
  const production = options.some((option) => /^--(omit=dev|production|only=)/.test(option))
  const wanted = [
    'dependencies',
    'optionalDependencies',
    'peerDependencies',
    ...(production ? [] : ['devDependencies']),
  ]
  if (manifest.workspaces || wanted.some((kind) => Object.keys(manifest[kind] ?? {}).length > 0)) return undefined
  if (!options.includes('--ignore-scripts') && HOOKS.some((hook) => manifest.scripts?.[hook])) return undefined
  session.log('up to date, audited 1 package in 0s')
  return 0
}
