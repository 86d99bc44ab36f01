import { systemClock } from '../sandbox/core/clock.ts'
import type { Input } from '../views/tui/terminal/decode.ts'
import { runInherited } from '../views/tui/terminal/inherit.ts'
import { openScreen } from '../views/tui/terminal/screen.ts'

// A screen that shows its size and the latest input. q leaves, b breaks, y copies, s runs the arguments as a program.
const [command = 'true', ...args] = process.argv.slice(2)
let latest = 'none'
let ran = 'nothing'

const screen = openScreen({
  stdin: process.stdin,
  stdout: process.stdout,
  clock: systemClock(),
  env: process.env,
  onInput,
  onResize: draw,
})

function draw(): void {
  const { columns, rows } = screen.size()
  screen.stdout.write(`pid ${process.pid}.\nsize ${columns}x${rows}.\ninput ${latest}.\nran ${ran}.\n`)
}

function onInput(input: Input): void {
  latest = nameOf(input)
  draw()
  if (latest === 'q') screen.close()
  if (latest === 'b') throw new Error('broken on purpose')
  if (latest === 'y') screen.copy('copied text')
  if (latest === 'ctrl-z') screen.stop()
  if (latest === 's') {
    void screen
      .suspend(() => runInherited(command, args))
      .then(({ code, signal }) => {
        ran = `to ${code ?? signal}`
        draw()
      })
  }
}

function nameOf(input: Input): string {
  if (input.kind === 'paste') return `paste of ${input.text.length}`
  if (input.kind !== 'key') return `${input.kind} at ${input.column},${input.row}`
  return `${input.ctrl ? 'ctrl-' : ''}${input.name === 'char' ? input.char : input.name}`
}

draw()
