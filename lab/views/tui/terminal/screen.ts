import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Clock } from '../../../engine/ports.ts'
import { clipboardSequence } from './clipboard.ts'
import type { Input } from './decode.ts'
import { type Guardian, startGuardian } from './guardian.ts'
import { KeyReader } from './keys.ts'
import { ENTER, LEAVE } from './modes.ts'
import { Painter } from './painter.ts'
import type { Size } from './size.ts'

export type ScreenOptions = {
  readonly stdin: ReadStream
  readonly stdout: WriteStream & { readonly fd: number }
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly onInput: (input: Input) => void
  readonly onResize: (size: Size) => void
  /** What frames of a fixed size need: a smaller terminal is told to be larger. */
  readonly needed?: Size
}

/** The terminal while the UI holds it. */
export type Screen = {
  size(): Size
  /** Where Ink writes its frames, and nothing but frames. */
  readonly stdout: WriteStream
  /** Leaves the terminal to `work`, a program of its own, and comes back. */
  suspend<T>(work: () => Promise<T>): Promise<T>
  /** Leaves the terminal and stops the whole job, as Ctrl-Z does; comes back when it is continued. */
  stop(): void
  /** Puts a text on the clipboard, where the terminal allows it. */
  copy(text: string): void
  /** Gives the terminal back. */
  close(): void
}

const ENDINGS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const
/** After this long without having been stopped, there is no shell that would continue us. */
const NOT_STOPPED_MS = 200

/** Takes the terminal; gives it back on `close`, at exit, at an uncaught error, at a signal, and when killed. */
export function openScreen(options: ScreenOptions): Screen {
  return new TerminalScreen(options)
}

class TerminalScreen implements Screen {
  readonly stdout: WriteStream
  private readonly painter: Painter
  private readonly keys: KeyReader
  private readonly guardian: Guardian
  private state: 'held' | 'suspended' | 'stopped' | 'closed' = 'held'
  private waiting: { cancel(): void } | undefined

  constructor(private readonly options: ScreenOptions) {
    this.painter = new Painter(() => this.size(), options.needed)
    this.keys = new KeyReader(options.clock, options.onInput)
    this.guardian = startGuardian(options.stdout.fd)
    this.stdout = frames(options.stdout, (chunk) => {
      const output = this.painter.paint(chunk)
      if (this.state === 'held' && output !== '') this.options.stdout.write(output)
    })
    for (const signal of ENDINGS) process.on(signal, this.onEnding)
    process.on('SIGCONT', this.onContinued)
    process.on('exit', this.onExit)
    process.on('uncaughtExceptionMonitor', this.onExit)
    options.stdin.on('end', this.onGone).on('error', this.onGone)
    options.stdout.on('resize', this.onResize)
    this.hold()
  }

  size(): Size {
    const { columns, rows } = this.options.stdout
    return { columns: columns || 80, rows: rows || 24 }
  }

  async suspend<T>(work: () => Promise<T>): Promise<T> {
    if (this.state !== 'held') throw new Error(`the terminal is ${this.state}`)
    this.release()
    this.state = 'suspended'
    try {
      return await work()
    } finally {
      if (this.is('suspended')) this.takeBack()
    }
  }

  stop(): void {
    if (this.state !== 'held') return
    this.release()
    this.state = 'stopped'
    // Without a shell that controls jobs, the signal is ignored, and SIGCONT never comes.
    this.waiting = this.options.clock.setTimeout(this.onContinued, NOT_STOPPED_MS)
    process.kill(0, 'SIGTSTP')
  }

  copy(text: string): void {
    if (this.state === 'held') this.options.stdout.write(clipboardSequence(text, this.options.env))
  }

  close(): void {
    if (this.state === 'closed') return
    const held = this.state === 'held'
    this.state = 'closed'
    if (held) this.release()
    this.waiting?.cancel()
    this.guardian.dismiss()
    for (const signal of ENDINGS) process.off(signal, this.onEnding)
    process.off('SIGCONT', this.onContinued)
    process.off('exit', this.onExit)
    process.off('uncaughtExceptionMonitor', this.onExit)
    this.options.stdin.off('end', this.onGone).off('error', this.onGone)
    this.options.stdout.off('resize', this.onResize)
  }

  private is(state: TerminalScreen['state']): boolean {
    return this.state === state
  }

  private hold(): void {
    const { stdin, stdout } = this.options
    this.state = 'held'
    this.guardian.tell('held')
    process.on('SIGTSTP', this.onStop)
    stdin.setRawMode(true)
    stdout.write(ENTER)
    stdin.on('data', this.onData)
    stdin.resume()
  }

  private release(): void {
    const { stdin, stdout } = this.options
    process.off('SIGTSTP', this.onStop)
    stdin.off('data', this.onData)
    stdin.pause()
    this.keys.reset()
    stdout.write(LEAVE)
    stdin.setRawMode(false)
    this.guardian.tell('free')
  }

  private takeBack(): void {
    this.hold()
    this.options.stdout.write(this.painter.repaint())
    // The size may have changed meanwhile, and only the job in the foreground is told. Node asks again when told.
    process.kill(process.pid, 'SIGWINCH')
  }

  private readonly onData = (chunk: Uint8Array) => this.keys.feed(chunk)

  private readonly onResize = () => {
    if (this.state === 'held') this.options.stdout.write(this.painter.repaint())
    this.stdout.emit('resize')
    this.options.onResize(this.size())
  }

  private readonly onStop = () => this.stop()

  private readonly onContinued = () => {
    this.waiting?.cancel()
    if (this.state === 'stopped') return this.takeBack()
    if (this.state !== 'held') return
    // Stopped by SIGSTOP, which nobody sees coming: the shell has set its own modes since.
    this.release()
    this.takeBack()
  }

  /** Signals from the keyboard belong to the program that has the terminal; it is in the same process group. */
  private readonly onEnding = (signal: NodeJS.Signals) => {
    if (this.state === 'suspended' && (signal === 'SIGINT' || signal === 'SIGQUIT')) return
    this.close()
    process.kill(process.pid, signal)
  }

  private readonly onExit = () => this.close()

  private readonly onGone = () => {
    if (this.state !== 'closed') this.onEnding('SIGHUP')
  }
}

/** A stream for Ink in place of the terminal's: of the same size, and each chunk goes to `write`. */
function frames(terminal: WriteStream, write: (chunk: string) => void): WriteStream {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      write(String(chunk))
      done()
    },
  })
  Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: () => terminal.columns || 80 },
    rows: { get: () => terminal.rows || 24 },
  })
  return stream as WriteStream
}
