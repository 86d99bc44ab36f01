import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { messageOf } from '../../../core/errors.ts'
import { readMounted } from './built-in.ts'
import { StartError } from './command.ts'
import type { Container, ContainerSpec, Host, Process } from './container.ts'
import { runInteractive } from './interactive.ts'
import { execNode, imageEnvironment, rootOf } from './node-process.ts'
import { realPath } from './rootfs.ts'
import { runScript, type Shell } from './shell.ts'

export type ExecResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

type Write = (stream: 'stdout' | 'stderr', text: string) => void

export type ExecIo = {
  readonly write: Write
  /** What the command reads; nothing if absent. */
  readonly stdin?: Readable
  /** The client has a terminal. */
  readonly tty?: boolean
  /** Aborted when nobody waits for the command any more: it is killed. */
  readonly signal?: AbortSignal
}

const SHELLS = ['sh', '/bin/sh', 'bash', '/bin/bash', 'ash', '/bin/ash']

/**
 * Runs a command in a container: `node` as a real process, a few of the usual small programs by this process, and a
 * shell that joins those. Resolves with the exit code. @throws StartError for a program that the container lacks
 */
export async function execInContainer(
  host: Host,
  container: Container,
  command: readonly string[],
  io: ExecIo,
): Promise<number> {
  const { spec } = container
  if (container.state !== 'Running') throw new StartError(`container ${spec.name} is not running`)
  const shell = shellOf(host, spec, io)
  const [program = '', ...args] = command
  if (SHELLS.includes(program)) {
    if (spec.image.kind === 'pause') throw missing(program)
    if (args[0] === '-c' && args[1] !== undefined) return runScript(shell, args[1], io.write)
    return runInteractive(shell, { stdin: io.stdin ?? Readable.from([]), write: io.write, tty: io.tty ?? false })
  }
  const code = await shell.run([program, ...args], io.write)
  if (code === undefined) throw missing(program)
  return code
}

const missing = (program: string) => new StartError(`exec: "${program}": executable file not found in $PATH`)

function shellOf(host: Host, spec: ContainerSpec, io: ExecIo): Shell {
  const { image } = spec
  const config = image.kind === 'files' ? image.files.config.config : undefined
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    ...imageEnvironment(config?.Env),
    ...spec.env,
  }
  const cwd = posix.resolve('/', spec.workingDir || config?.WorkingDir || '/')
  const files = image.kind === 'files' ? treeOf(rootOf(host, spec)) : mountsOf(spec)
  const shell: Shell = {
    env,
    cwd,
    ...files,
    now: () => host.clock.now(),
    run: async (argv, output) => {
      if (image.kind === 'pause') return undefined
      const [program, ...args] = argv
      if (image.kind === 'files' && (program === 'node' || program === 'nodejs')) {
        const process = await execNode({ ...host, write: output }, spec, image.files, args, io.stdin)
        return waitFor(process, io.signal)
      }
      return builtInCommand(shell, argv, output)
    },
  }
  return shell
}

async function waitFor(process: Process, signal: AbortSignal | undefined): Promise<number> {
  const kill = () => process.signal('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  try {
    return await process.exited
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

type Files = Pick<Shell, 'read' | 'list'>

const treeOf = (root: string): Files => ({
  read: (path) => readFileSync(realPath(root, path), 'utf8'),
  list: (path) => {
    const real = realPath(root, path)
    return lstatSync(real).isDirectory() || lstatSync(real).isSymbolicLink() ? readdirSync(real) : undefined
  },
})

/** A built-in image has no files but those of its volumes. */
const mountsOf = (spec: ContainerSpec): Files => ({
  read: (path) => {
    const text = readMounted(spec, path)
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  },
  list: (path) => {
    const mount = spec.mounts.find((candidate) => candidate.path === path.replace(/\/$/, ''))
    if (!mount) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return readdirSync(mount.source)
  },
})

const reason = (error: unknown): string =>
  ({
    ENOENT: 'No such file or directory',
    EISDIR: 'Is a directory',
    ENOTDIR: 'Not a directory',
    EACCES: 'Permission denied',
  })[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error)

/** The small programs that every image with a shell has; undefined for one that is not among them. */
function builtInCommand(shell: Shell, argv: readonly string[], output: Write): number | undefined {
  const [path = '', ...args] = argv
  const program = path.replace(/^\/(usr\/)?(local\/)?bin\//, '')
  const say = (text: string) => output('stdout', text)
  const fail = (text: string, code = 1) => {
    output('stderr', `${program}: ${text}\n`)
    return code
  }
  const absolute = (name: string) => posix.resolve(shell.cwd, name)
  switch (program) {
    case 'true':
      return 0
    case 'false':
      return 1
    case 'pwd':
      say(`${shell.cwd}\n`)
      return 0
    case 'hostname':
      say(`${shell.env['HOSTNAME'] ?? 'localhost'}\n`)
      return 0
    case 'date':
      say(`${new Date(shell.now()).toUTCString()}\n`)
      return 0
    case 'echo': {
      const [first, ...rest] = args
      say(first === '-n' ? rest.join(' ') : `${args.join(' ')}\n`)
      return 0
    }
    case 'env':
    case 'printenv': {
      const names = args.length > 0 && program === 'printenv' ? args : undefined
      if (!names && args.length > 0) return fail(`'${args[0]}': No such file or directory`, 127)
      if (!names)
        say(
          Object.entries(shell.env)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(''),
        )
      for (const name of names ?? []) if (shell.env[name] !== undefined) say(`${shell.env[name]}\n`)
      return names?.some((name) => shell.env[name] === undefined) ? 1 : 0
    }
    case 'cat': {
      let code = 0
      for (const name of args) {
        try {
          say(shell.read(absolute(name)))
        } catch (error) {
          code = fail(`can't open '${name}': ${reason(error)}`)
        }
      }
      return code
    }
    case 'ls': {
      const names = args.filter((arg) => !arg.startsWith('-'))
      const all = args.some((arg) => /^-\w*[aA]/.test(arg))
      let code = 0
      for (const name of names.length > 0 ? names : ['.']) {
        try {
          const entries = shell.list(absolute(name)) ?? [name]
          const shown = entries.filter((entry) => all || !entry.startsWith('.')).sort()
          say(shown.map((entry) => `${entry}\n`).join(''))
        } catch (error) {
          code = fail(`${name}: ${reason(error)}`)
        }
      }
      return code
    }
    case 'test': {
      const [flag, name = ''] = args
      if (flag !== '-f' && flag !== '-e' && flag !== '-d') return fail(`${flag}: unknown operator`, 2)
      try {
        const isDirectory = shell.list(absolute(name)) !== undefined
        return flag === '-e' || (flag === '-d') === isDirectory ? 0 : 1
      } catch {
        return 1
      }
    }
    default:
      return undefined
  }
}
