import { spawn } from 'node:child_process'
import type { Clock } from '../engine/ports.ts'
import type { OwnEvent } from '../engine/stage.ts'

export type OwnCommandOptions = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/** How long a command has to end by itself when it is told to. */
const GRACE = 2000

/** Runs a command that a presenter typed, with nothing to read, in a process group of its own. */
export function runOwn(
  script: string,
  tell: (event: OwnEvent) => void,
  { cwd, env, clock }: OwnCommandOptions,
): { end(): Promise<void> } {
  const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let last: { cancel(): void } | undefined
  let over = false
  let settle: () => void = () => {}
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  const ended = (event: Extract<OwnEvent, { kind: 'ended' }>) => {
    last?.cancel()
    if (!over) tell(event)
    over = true
    settle()
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => tell({ kind: 'output', chunk }))
  }
  child.on('error', (error) => ended({ kind: 'ended', code: null, error: error.message }))
  child.on('close', (code, signal) =>
    ended({ kind: 'ended', code, ...(signal === null ? {} : { error: `ended by ${signal}` }) }),
  )
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, signal)
    } catch {
      // The group is gone.
    }
  }
  return {
    end() {
      if (!over && !last) {
        kill('SIGTERM')
        last = clock.setTimeout(() => {
          kill('SIGKILL')
          settle()
        }, GRACE)
      }
      return settled
    },
  }
}
