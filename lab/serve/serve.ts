import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCourse } from '../course/load.ts'
import { CourseError } from '../course/problem.ts'
import { LabError, messageOf } from '../engine/lab-error.ts'
import type { Clock, Environment } from '../engine/ports.ts'
import { Session } from '../engine/session.ts'
import { listens } from './client.ts'
import { claimFolder } from './folder.ts'
import { openJournal } from './journal.ts'
import { FAILED } from './launch.ts'
import { dropRecord, newRecord, takeRecord } from './record.ts'
import { listen } from './server.ts'
import { prepareStateDir, type StateDir, stateDir, writeSettings } from './state-dir.ts'

/** What a world needs to know to be made. */
export type WorldOptions = {
  /** A folder of the world's own, which may not exist yet. */
  readonly stateDir: string
  /** LAB_DIR: exists, and is the lab's. */
  readonly labDir: string
  /** What the PATH of commands begins with; exists, and holds `gitops-lab`. */
  readonly binDir: string
  /** The course's variables; what the world knows itself comes on top. */
  readonly variables: Readonly<Record<string, string>>
  readonly simulateImages: readonly string[]
  /** Whether a missing tool may be fetched. */
  readonly download: boolean
  /** What the world has to say, a line each. */
  log(line: string): void
  /** What those who wait for the start should know. */
  progress(line: string): void
}

export type CreateEnvironment = (options: WorldOptions) => Promise<Environment>

export type ServeOptions = {
  readonly stateDir: string
  /** LAB_DIR. */
  readonly labDir: string
  /** The folder of the course. */
  readonly course: string
  readonly version: string
  /** The command line that starts this program, for `gitops-lab` on the learner's PATH. */
  readonly program: readonly string[]
  readonly simulateImages: readonly string[]
  readonly download: boolean
  readonly clock: Clock
  readonly createEnvironment: CreateEnvironment
  /** Ends the process in order. */
  readonly signal: AbortSignal
  log(line: string): void
}

/**
 * The background process: one session and its world, until somebody stops it or nobody comes for 8 hours. Resolves
 * with the exit code; 0 at once when another process serves this folder already.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { version, clock, log } = options
  const dir = stateDir(options.stateDir, tmpdir())
  prepareStateDir(dir)
  const record = newRecord(version, dir.socket, clock.now())
  if (!(await takeRecord(dir.record, record, (other) => listens(other.socket)))) {
    log('another background process serves this folder already')
    return 0
  }
  const server = await listen(dir.socket, version, clock)
  let reason = 'it ended'
  let ending: (() => Promise<void>) | undefined
  try {
    ending = await open(options, dir, server)
    log('ready')
    reason = await Promise.race([server.stopping, aborted(options.signal)])
    log(`ending: ${reason}`)
    return 0
  } catch (error) {
    reason = messageOf(error)
    if (!(error instanceof LabError || error instanceof CourseError)) log(String((error as Error)?.stack ?? error))
    log(`the lab${FAILED}${JSON.stringify(reason)}`)
    server.fail(reason)
    return 1
  } finally {
    await ending?.().catch((error) => log(`while ending: ${messageOf(error)}`))
    dropRecord(dir.record)
    await server.close(reason)
    rmSync(dir.socket, { force: true })
  }
}

async function open(options: ServeOptions, dir: StateDir, server: Awaited<ReturnType<typeof listen>>) {
  const { labDir, version, clock, log } = options
  const journal = openJournal(dir.journal)
  const course = await loadCourse(options.course)
  claimFolder(labDir, 'work', dir.path)
  writeSettings(dir, { labDir })
  writeLauncher(dir, options.program)
  const environment = await options.createEnvironment({
    stateDir: dir.world,
    labDir,
    binDir: dir.bin,
    variables: course.variables,
    simulateImages: options.simulateImages,
    download: options.download,
    log,
    progress: (line) => {
      log(line)
      server.progress(line)
    },
  })
  const session = new Session({ course, environment, clock, journal, past: journal.past, version })
  server.ready(session)
  return async () => {
    await session.close()
    await environment.close?.()
    journal.close()
  }
}

/** `gitops-lab` for the learner's PATH: this very program, with this very state. */
function writeLauncher(dir: StateDir, program: readonly string[]): void {
  mkdirSync(dir.bin, { recursive: true, mode: 0o700 })
  const path = join(dir.bin, 'gitops-lab')
  writeFileSync(path, `#!/bin/sh\nexec ${program.map(shellQuote).join(' ')} "$@"\n`)
  chmodSync(path, 0o755)
}

/** A word as every POSIX shell reads it back. */
export const shellQuote = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

const aborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    const end = () => resolve(String(signal.reason instanceof Error ? signal.reason.message : signal.reason))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
