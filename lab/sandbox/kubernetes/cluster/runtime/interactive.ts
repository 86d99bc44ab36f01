import type { Readable } from 'node:stream'
import { runScript, type Shell } from './shell.ts'

export type InteractiveIo = {
  readonly stdin: Readable
  readonly write: (stream: 'stdout' | 'stderr', text: string) => void
  /** The client's terminal is in raw mode: what is typed is echoed and edited here. */
  readonly tty: boolean
}

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const BACKSPACES = ['\x7f', '\b']

/** A shell that reads commands until `exit` or the end of its input. Resolves with its exit code. */
export async function runInteractive(shell: Shell, { stdin, write, tty }: InteractiveIo): Promise<number> {
  const prompt = () => {
    if (tty) write('stdout', `${shell.cwd} # `)
  }
  const echo = (text: string) => {
    if (tty) write('stdout', text)
  }
  let line = ''
  let code = 0
  prompt()
  stdin.setEncoding('utf8')
  for await (const chunk of stdin) {
    for (const character of chunk as string) {
      if (tty && character === CTRL_C) {
        line = ''
        echo('^C\n')
        prompt()
      } else if (tty && character === CTRL_D) {
        if (line === '') return code
      } else if (tty && BACKSPACES.includes(character)) {
        if (line !== '') echo('\b \b')
        line = line.slice(0, -1)
      } else if (character === '\n' || character === '\r') {
        echo('\n')
        const command = line.trim()
        line = ''
        const exit = /^exit(?:\s+(\d+))?$/.exec(command)
        if (exit) return Number(exit[1] ?? code) & 255
        if (command !== '') code = await runScript(shell, command, write)
        prompt()
      } else if (character >= ' ' || character === '\t') {
        line += character
        echo(character)
      }
    }
  }
  return line.trim() === '' ? code : runScript(shell, line, write)
}
