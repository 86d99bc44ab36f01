import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { LabError, messageOf } from '../engine/lab-error.ts'
import type { Clock } from '../engine/ports.ts'
import { type Attached, attach } from './client.ts'
import { isStarting, readRecord } from './record.ts'
import { prepareStateDir, type StateDir } from './state-dir.ts'

export type LaunchOptions = {
  readonly dir: StateDir
  readonly version: string
  /** The command line of `gitops-lab serve` for this folder. */
  readonly command: readonly string[]
  readonly clock: Clock
  onProgress(line: string): void
}

/** Begins what the last line of the log says when the background process could not start; JSON follows. */
export const FAILED = ' could not start: '

const RETRY = 50
const LOG_LIMIT = 5 * 1024 * 1024

/** Attaches to the background process of a state folder. Undefined when there is none. @throws LabError */
export async function attachIfUp(options: Omit<LaunchOptions, 'command'>): Promise<Attached | undefined> {
  const { dir, version, clock, onProgress } = options
  for (;;) {
    const record = readRecord(dir.record)
    const attached = await attach({ socket: record?.socket ?? dir.socket, version, clock, onProgress })
    if (attached) return attached
    if (!record || !isStarting(record, clock.now())) return undefined
    await sleep(clock, RETRY)
  }
}

/**
 * Attaches, starting the background process first if there is none. It outlives this process; of several that start
 * it at once, one wins and the others attach to that one. @throws LabError when it ends before it is ready.
 */
export async function attachOrLaunch(options: LaunchOptions): Promise<Attached> {
  const { dir, clock } = options
  const running = await attachIfUp(options)
  if (running) return running
  prepareStateDir(dir)
  const from = startLog(dir.log)
  const child = launch(options)
  for (;;) {
    const attached = await attachIfUp(options)
    if (attached) return attached
    if (child.failed !== undefined) {
      const winner = child.failed === 'exit 0' ? await attachIfUp(options) : undefined
      if (winner) return winner
      throw startFailed(child.failed, readFileSync(dir.log).subarray(from).toString(), dir.log)
    }
    await sleep(clock, RETRY)
  }
}

/** What the background process wrote at its end, if it could say why; otherwise its last lines. */
function startFailed(how: string, log: string, path: string): LabError {
  const lines = log.trim().split('\n')
  const said = lines.at(-1)?.split(FAILED)[1]
  if (said !== undefined) return new LabError({ found: JSON.parse(said) as string })
  return new LabError({
    expected: 'the background process to start',
    found: [how, ...lines.slice(-5)].join('\n'),
    next: `Read ${path}`,
  })
}

function launch({ dir, command }: LaunchOptions): { failed: string | undefined } {
  const state: { failed: string | undefined } = { failed: undefined }
  const log = openSync(dir.log, 'a', 0o600)
  try {
    const [program, ...args] = command as [string, ...string[]]
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], cwd: dir.path })
    child.on('error', (error) => {
      state.failed = messageOf(error)
    })
    child.on('exit', (code, signal) => {
      state.failed = signal ?? `exit ${code}`
    })
    child.unref()
  } finally {
    closeSync(log)
  }
  return state
}

/** Begins the log anew when it grew large; where this start's lines begin. */
function startLog(path: string): number {
  if (!existsSync(path)) return 0
  const { size } = statSync(path)
  if (size <= LOG_LIMIT) return size
  truncateSync(path)
  return 0
}

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, ms)
  })
