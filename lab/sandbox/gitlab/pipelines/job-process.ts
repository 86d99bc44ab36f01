import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/*
 * Starts a command with both outputs in one pipe, in a process group that ends with us: a reader waits for the end of
 * our standard input, which comes however this process dies, and kills the group. It also sweeps what a job left
 * running in the background.
 */
const KEEPER = 'exec 3<&0 </dev/null; { read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 & exec 3<&-; exec "$@" 2>&1'

export type JobProcess = {
  /** Resolves with the exit code when everything has ended and all output was read. */
  readonly ended: Promise<number>
  /** Ends the command and all that it started. */
  kill(): void
}

export function startJobProcess(
  command: readonly string[],
  options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    readonly onLine: (line: string) => void
  },
): JobProcess {
  const child = spawn('bash', ['-c', KEEPER, 'gitops-lab-job', ...command], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
  lines.on('line', options.onLine)
  const read = new Promise<void>((resolve) => lines.once('close', resolve))
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      child.stdin.end()
      resolve(code ?? -1)
    })
  })
  return {
    ended: exited.then(async (code) => {
      await read
      return code
    }),
    kill: () => {
      child.stdin.end()
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // The group has ended already.
      }
    },
  }
}
