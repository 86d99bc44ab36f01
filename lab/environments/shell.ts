import { $ } from 'zx'
import type { ActionResult } from '../engine/ports.ts'

type Options = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  onOutput(chunk: string): void
}

/**
 * Runs a script by `bash -euo pipefail`. Both streams arrive in one, as a terminal shows them. When the signal is
 * aborted the whole process tree ends.
 */
export async function runScript(script: string, options: Options): Promise<ActionResult> {
  const shell = $({
    shell: 'bash',
    prefix: 'set -euo pipefail;\n',
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
    nothrow: true,
    quiet: true,
    verbose: false,
  })
  const pieces = Object.assign([script], { raw: [script] })
  const child = shell(pieces)
  const decoder = { out: new TextDecoder(), err: new TextDecoder() }
  child.stdout.on('data', (chunk: Buffer) => options.onOutput(decoder.out.decode(chunk, { stream: true })))
  child.stderr.on('data', (chunk: Buffer) => options.onOutput(decoder.err.decode(chunk, { stream: true })))
  const { exitCode, signal } = await child
  return { code: exitCode, signal: signal ?? null }
}
