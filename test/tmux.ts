import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)
/** A machine may be busy; what takes longer than this is taken for never. */
const LIMIT_MS = 60_000
const POLL_MS = 20
const PROMPT = 'lab$'

export type TmuxOptions = {
  readonly columns?: number
  readonly rows?: number
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** What runs instead of an interactive bash: a program without a shell around it. */
  readonly program?: readonly string[]
}

/** A bash in a terminal of fixed size: a tmux server of its own, with a HOME of its own. */
export class Tmux {
  private constructor(
    private readonly folder: string,
    /** The terminal's device. */
    readonly tty: string,
  ) {}

  static async start(options: TmuxOptions): Promise<Tmux> {
    const { columns = 80, rows = 24, home, env = {}, program = ['bash', '--norc', '--noprofile', '-i'] } = options
    const folder = mkdtempSync(join(tmpdir(), 'gl-tmux-'))
    const variables = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      PS1: `${PROMPT} `,
      HISTFILE: '',
      LANG: 'C.UTF-8',
      ...env,
    }
    const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    const shell = `exec env -u CI -u TMUX_PANE ${[...assignments, ...program].map(quote).join(' ')}`
    const size = ['-x', String(columns), '-y', String(rows)]
    await tmux(folder, ['-f', '/dev/null', 'new-session', '-d', ...size, '-c', home, shell])
    await tmux(folder, ['set', '-g', 'set-clipboard', 'on'])
    return new Tmux(folder, await tmux(folder, ['display', '-p', '#{pane_tty}']))
  }

  /** Types a command line and Enter; `exitCode` tells its end. */
  async run(line: string): Promise<void> {
    await this.waitForPrompt()
    await this.type(`clear; ${line}; echo "exit:$?"`)
    await this.press('Enter')
  }

  /** Waits until the shell is ready for a command line. */
  async waitForPrompt(): Promise<void> {
    await this.waitFor((screen) => screen.trimEnd().endsWith(PROMPT))
  }

  /** The exit code of what `run` ran, once it has ended. */
  async exitCode(): Promise<number> {
    const screen = await this.waitFor(/^exit:\d+$/m)
    return Number(/^exit:(\d+)$/m.exec(screen)?.[1])
  }

  async type(text: string): Promise<void> {
    await tmux(this.folder, ['send-keys', '-l', text])
  }

  /** Presses keys by the names that tmux gives them: `Enter`, `Escape`, `C-c`, `Up`, `PPage`. */
  async press(...keys: readonly string[]): Promise<void> {
    await tmux(this.folder, ['send-keys', ...keys])
  }

  /** Pastes a text, in brackets if the program asked for them. */
  async paste(text: string): Promise<void> {
    await tmux(this.folder, ['set-buffer', '-b', 'pasted', text])
    await tmux(this.folder, ['paste-buffer', '-p', '-b', 'pasted'])
  }

  /** What the latest copy put on the clipboard; empty if there was none. */
  async clipboard(): Promise<string> {
    return tmux(this.folder, ['show-buffer']).catch(() => '')
  }

  /** What the screen shows. */
  async screen(): Promise<string> {
    return tmux(this.folder, ['capture-pane', '-p'])
  }

  async resize(columns: number, rows: number): Promise<void> {
    await tmux(this.folder, ['resize-window', '-x', String(columns), '-y', String(rows)])
  }

  /** The modes that a program may leave behind. */
  async modes(): Promise<{ alternate: boolean; mouse: boolean; cursor: boolean }> {
    const flags = await tmux(this.folder, ['display', '-p', '#{alternate_on} #{mouse_any_flag} #{cursor_flag}'])
    const [alternate, mouse, cursor] = flags.split(' ').map((flag) => flag === '1')
    return { alternate: alternate === true, mouse: mouse === true, cursor: cursor === true }
  }

  /** The settings of the terminal's line, as `stty -a` tells them. */
  async stty(): Promise<readonly string[]> {
    return (await exec('sh', ['-c', 'stty -a <"$0"', this.tty])).stdout.split(/[\s;]+/)
  }

  /** The process group in the foreground: of a program that the shell runs, its pid. */
  async foreground(): Promise<number> {
    const shell = await tmux(this.folder, ['display', '-p', '#{pane_pid}'])
    return Number((await exec('ps', ['-o', 'tpgid=', '-p', shell])).stdout)
  }

  /** Waits until the screen matches; tells what it shows instead if it never does. */
  async waitFor(condition: RegExp | ((screen: string) => boolean)): Promise<string> {
    const holds = typeof condition === 'function' ? condition : (screen: string) => condition.test(screen)
    let screen = ''
    await eventually(
      async () => {
        screen = await this.screen()
        return holds(screen)
      },
      () => `the screen never matched ${condition}:\n${screen}`,
    )
    return screen
  }

  async close(): Promise<void> {
    await tmux(this.folder, ['kill-server']).catch(() => {})
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Waits until a condition holds. */
export async function eventually(
  condition: () => Promise<boolean> | boolean,
  complaint: () => string = () => `never true: ${condition}`,
): Promise<void> {
  const end = performance.now() + LIMIT_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(complaint())
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** `-S`: a socket in a folder of its own, so that no other server of the user is met. */
async function tmux(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec('tmux', ['-S', join(folder, 's'), ...args])
  return stdout.replace(/\n$/, '')
}
