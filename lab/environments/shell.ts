import { spawn } from 'node:child_process'
import type { ActionResult, Clock } from '../engine/ports.ts'

type Options = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
  onOutput(chunk: string): void
}

/** Milliseconds that a cancelled script has to end by itself. */
const GRACE = 2000

/**
 * Runs a script by `bash -euo pipefail`. Both streams arrive in one, as a terminal shows them. When the signal is
 * aborted its whole process group ends.
 */
export function runScript(script: string, { cwd, env, clock, signal, onOutput }: Options): Promise<ActionResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what it started can be ended with it.
      detached: true,
    })
    const kill = (how: NodeJS.Signals) => {
      try {
        if (child.pid) process.kill(-child.pid, how)
      } catch {
        // The group is gone.
      }
    }
    let last: { cancel(): void } | undefined
    const cancel = () => {
      kill('SIGTERM')
      last = clock.setTimeout(() => kill('SIGKILL'), GRACE)
    }
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new TextDecoder()
      stream.on('data', (chunk: Buffer) => onOutput(decoder.decode(chunk, { stream: true })))
    }
    const settle = () => {
      last?.cancel()
      signal.removeEventListener('abort', cancel)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('close', (code, how) => {
      settle()
      resolve({ code, signal: how })
    })
  })
}
