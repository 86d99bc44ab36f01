import { type ChildProcess, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'

export type RunResult = { readonly code: number; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  readonly cwd?: string
  /** The whole environment of the command: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>
  readonly input?: string | Buffer
  /** Ends the program and what it started. */
  readonly signal?: AbortSignal
  readonly onOutput?: (chunk: Buffer) => void
}

type Running = { readonly child: ChildProcess; readonly cwd: string; readonly ended: Promise<unknown> }

const running = new Set<Running>()

/**
 * Runs a program to its end; a code other than 0 is a result, only a program that cannot start or was aborted rejects.
 * Either way nothing of it runs any more: `close` comes when all that hold its output have ended.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { cwd, env, signal } = options
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    // A process group of its own, so that what it starts ends with it: git has its transport and its unpacker.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const onAbort = () => kill(child, 'SIGTERM')
    signal?.addEventListener('abort', onAbort, { once: true })
    const ended = new Promise((settle) => child.once('close', settle).once('error', settle))
    const entry = { child, cwd: realPath(cwd ?? process.cwd()), ended }
    running.add(entry)
    void ended.then(() => {
      running.delete(entry)
      signal?.removeEventListener('abort', onAbort)
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk)
      options.onOutput?.(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk)
      options.onOutput?.(chunk)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input)
    child.on('error', reject)
    child.on('close', (code) => {
      if (signal?.aborted && code !== 0) return reject(signal.reason)
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      })
    })
  })
}

/** Kills the programs that work in a folder, or below, and resolves when they have ended. */
export async function endRunsIn(folder: string): Promise<void> {
  const root = realPath(folder)
  const inside = [...running].filter(({ cwd }) => cwd === root || cwd.startsWith(root + sep))
  for (const { child } of inside) kill(child, 'SIGKILL')
  await Promise.all(inside.map(({ ended }) => ended))
}

function kill({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // All of the group have ended.
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
