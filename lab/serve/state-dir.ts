import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { LabError, messageOf } from '../engine/lab-error.ts'
import { claimFolder } from './folder.ts'

/** The longest path that a Unix socket can have on macOS, less one for its end (104 bytes; Linux takes 108). */
const SOCKET_PATH_LIMIT = 103

export type StateDir = {
  readonly path: string
  /** The record of the running background process; who links it into place is the one. */
  readonly record: string
  readonly journal: string
  readonly settings: string
  readonly log: string
  readonly socket: string
  /** Holds what the learner's PATH gets: `gitops-lab` itself, and a kubectl if the lab brought one. */
  readonly bin: string
  /** The environment's own: stores, repositories, blobs. */
  readonly world: string
}

/** Where state lives unless told otherwise. A lab of one's own (`labDir`) gets a folder of its own. */
export function defaultStateDir(env: NodeJS.ProcessEnv, home: string, labDir?: string): string {
  const xdg = env['XDG_STATE_HOME']
  const base = join(xdg?.startsWith('/') ? xdg : join(home, '.local', 'state'), 'gitops-lab')
  if (labDir === undefined) return base
  return `${base}-${basename(resolve(labDir))}-${shortHash(resolve(labDir))}`
}

/** The files of a state folder; makes nothing. The socket moves to a short path where the folder's is too long. */
export function stateDir(path: string, temporary: string, uid = process.getuid?.() ?? 0): StateDir {
  const own = join(path, 'lab.sock')
  const socket =
    Buffer.byteLength(own) <= SOCKET_PATH_LIMIT ? own : join(temporary, `gitops-lab-${uid}`, `${shortHash(path)}.sock`)
  return {
    path,
    record: join(path, 'serve.json'),
    journal: join(path, 'journal.jsonl'),
    settings: join(path, 'settings.json'),
    log: join(path, 'serve.log'),
    socket,
    bin: join(path, 'bin'),
    world: join(path, 'world'),
  }
}

/** Makes the folder, and the socket's where that lies elsewhere. @throws LabError */
export function prepareStateDir(dir: StateDir): void {
  claimFolder(dir.path, 'state', 'gitops-lab')
  const folder = join(dir.socket, '..')
  if (folder === dir.path) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(folder)
  if (uid === (process.getuid?.() ?? uid) && (mode & 0o077) === 0) return
  throw new LabError({
    expected: `a folder for sockets that only you can enter`,
    found: `${folder} belongs to somebody else, or others may enter it`,
    next: `Remove ${folder}, or choose a shorter --state-dir`,
  })
}

/** What was chosen when the lab began, and stays. */
export type Settings = { readonly labDir: string }

/** @throws LabError when the file cannot be read. */
export function readSettings(dir: StateDir): Settings | undefined {
  if (!existsSync(dir.settings)) return undefined
  try {
    return JSON.parse(readFileSync(dir.settings, 'utf8')) as Settings
  } catch (error) {
    throw new LabError({
      expected: `settings in ${dir.settings}`,
      found: `a file that is cut short or damaged: ${messageOf(error)}`,
      next: 'Remove that file and name the folder with --dir again, or begin anew with `gitops-lab reset`',
    })
  }
}

export const writeSettings = (dir: StateDir, settings: Settings): void =>
  writeFileSync(dir.settings, `${JSON.stringify(settings)}\n`, { mode: 0o600 })

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)
