import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { argvOf, checked, followCommand, StartError, splitWords } from './command.ts'
import type { ContainerSpec, Host, Process } from './container.ts'
import type { PulledFiles } from './images.ts'
import { PRELOAD } from './preload.ts'
import { copyTree, mapArgument, realPath } from './rootfs.ts'

type Listening = { readonly listening: number; readonly real: number; readonly local: boolean }
type Message =
  | Listening
  | { readonly closed: number }
  | { readonly question: number; readonly connect: string; readonly port: number }

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Node 20 and 22 call the permission model experimental; its flag changed its name with 23.5. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? ['--permission']
  : ['--experimental-permission', '--disable-warning=ExperimentalWarning']

/** The root of a container on this machine: a copy of its image with its mounts in place. */
export const rootOf = (host: Host, spec: ContainerSpec): string => join(host.directory, spec.id, 'rootfs')

/**
 * Starts the container's Node program as a child process that sees its own root only, has the environment of the pod
 * only, and ends when this process does. @throws StartError
 */
export async function startNodeProcess(host: Host, spec: ContainerSpec, files: PulledFiles): Promise<Process> {
  const root = rootOf(host, spec)
  const { config = {} } = files.config
  const cwd = posix.resolve('/', spec.workingDir || config.WorkingDir || '/')
  const environment = { PATH: DEFAULT_PATH, HOME: '/root', ...imageEnvironment(config.Env), ...spec.env }
  await prepare(root, cwd, spec, files)
  const readFile = (path: string) => {
    try {
      return readFileSync(realPath(root, path, cwd), 'utf8')
    } catch {
      return undefined
    }
  }
  const { args, env } = followCommand(argvOf(spec.command, spec.args, files.config), cwd, readFile)
  return spawnNode(host, spec, root, cwd, args, { ...environment, ...env })
}

/** Runs `node …` in a container that is already there, as `kubectl exec` does. */
export async function execNode(
  host: Host,
  spec: ContainerSpec,
  files: PulledFiles,
  args: readonly string[],
  stdin: Readable | undefined,
): Promise<Process> {
  const { config = {} } = files.config
  const cwd = posix.resolve('/', spec.workingDir || config.WorkingDir || '/')
  const environment = { PATH: DEFAULT_PATH, HOME: '/root', ...imageEnvironment(config.Env), ...spec.env }
  return spawnNode(host, spec, rootOf(host, spec), cwd, checked(args), environment, stdin)
}

export const imageEnvironment = (env: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))

async function prepare(root: string, cwd: string, spec: ContainerSpec, files: PulledFiles): Promise<void> {
  await rm(root, { recursive: true, force: true })
  await copyTree(files.rootfs, root)
  await mkdir(join(root, 'tmp'), { recursive: true })
  for (const mount of spec.mounts) await mountVolume(realPath(root, mount.path), mount.source)
  await mkdir(realPath(root, cwd), { recursive: true })
  await writeFile(preloadOf(root), PRELOAD, { mode: 0o600 })
}

const preloadOf = (root: string): string => join(dirname(root), 'preload.cjs')

async function mountVolume(target: string, source: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(dirname(target), { recursive: true })
  await symlink(source, target)
}

async function spawnNode(
  host: Host,
  spec: ContainerSpec,
  root: string,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin?: Readable,
): Promise<Process> {
  if (env['NODE_OPTIONS']) checked(splitWords(env['NODE_OPTIONS']))
  const writable = spec.mounts.filter((mount) => !mount.readOnly).map((mount) => mount.source)
  const readable = spec.mounts.map((mount) => mount.source)
  const mapped = await Promise.all(args.map((argument) => mapArgument(root, argument)))
  const child = spawn(
    process.execPath,
    [
      ...PERMISSION,
      ...[root, preloadOf(root), ...readable].map((path) => `--allow-fs-read=${path}`),
      ...[root, ...writable].map((path) => `--allow-fs-write=${path}`),
      '--require',
      preloadOf(root),
      ...mapped,
    ],
    {
      cwd: realPath(root, cwd),
      env: { ...env, LAB_ROOT: root },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const { stdout, stderr } = child
  if (child.stdin) stdin?.pipe(child.stdin).on('error', () => {})
  // Stack traces name files where they are on this machine; the container knows them by their own paths.
  const show = (stream: 'stdout' | 'stderr') => (text: string) => host.write(stream, text.replaceAll(root, ''))
  stdout?.setEncoding('utf8').on('data', show('stdout'))
  stderr?.setEncoding('utf8').on('data', show('stderr'))
  child.on('message', (message: Message) => answer(host, spec, child, message))
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new StartError(error.message)))
  })
  const exited = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal)))
  })
  return { exited, signal: (name) => void child.kill(name) }
}

const signalNumber = (signal: NodeJS.Signals | null): number =>
  ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 })[signal as 'SIGTERM'] ?? 0

async function answer(host: Host, spec: ContainerSpec, child: ChildProcess, message: Message): Promise<void> {
  const { network } = host
  const { ip } = spec.pod
  if ('listening' in message) {
    network.listen(ip, message.listening, { real: message.real, local: message.local, container: spec.id })
  } else if ('closed' in message) network.close(ip, message.closed, spec.id)
  else {
    const found = await host.connect(ip, message.connect, message.port)
    if (child.connected) child.send({ answer: message.question, ...found }, () => {})
  }
}
