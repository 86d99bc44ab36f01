import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { LEAVE } from './modes.ts'

// Its standard output is the terminal, its standard input a pipe from us. At the end of that pipe we are gone.
// Raw input without signals is a mode that only we set: somebody else, by then, may have set another one.
const SCRIPT = `
exec 3<&1
while IFS= read -r line; do state=$line; done
[ "$state" = held ] || exit 0
printf '%b' "$1"
case "$(stty -a <&3)" in *-isig*) stty icrnl ixon isig icanon iexten echo <&3 ;; esac
printf '\\r\\n%s\\r\\n' "$2"
`

// The shell has shown its prompt by then, on the screen that is gone.
const MESSAGE = 'The program was killed; your terminal is as it was. Press Enter.'

export type Guardian = {
  /** Says whether we hold the terminal, so that it must be given back should we vanish. */
  tell(state: 'held' | 'free'): void
  /** Lets it end. */
  dismiss(): void
}

/** Starts a process that gives the terminal back should we be killed while we hold it. */
export function startGuardian(terminal: number): Guardian {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', LEAVE.replaceAll('\x1b', '\\033'), MESSAGE], {
    stdio: ['pipe', terminal, 'ignore'],
    // In a session of its own it outlives a kill of our process group.
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] },
  })
  const pipe = child.stdin as Socket
  // Without it nothing is lost but its service.
  child.on('error', () => {})
  pipe.on('error', () => {})
  child.unref()
  pipe.unref()
  return {
    tell: (state) => {
      pipe.write(`${state}\n`)
    },
    dismiss: () => {
      pipe.end()
    },
  }
}
