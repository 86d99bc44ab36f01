import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { fixedSize } from '../commands/record-demo.ts'
import { DemoDriver, type DemoDriverOptions } from '../drivers/demo.ts'
import type { Course } from '../engine/course.ts'
import type { DemoOptions } from '../engine/demo-state.ts'
import type { Recorded } from '../engine/events.ts'
import { outlineOf, tasksOf } from '../engine/outline.ts'
import { Session } from '../engine/session.ts'
import { ManualClock } from '../sandbox/core/clock.ts'
import type { Connection, Host } from '../views/tui/host.ts'
import { KeyReader } from '../views/tui/terminal/keys.ts'
import { Painter } from '../views/tui/terminal/painter.ts'
import type { Screen, ScreenOptions } from '../views/tui/terminal/screen.ts'
import type { Size } from '../views/tui/terminal/size.ts'
import { detectTheme } from '../views/tui/theme.ts'
import { type Left, runTui } from '../views/tui/tui.ts'
import { type FakeOptions, type FakeWorld, fakeEnvironment } from './fake-environment.ts'
import { fixtureCourse } from './fixture.ts'
import { Display } from './screen.ts'

export type TuiOptions = {
  readonly columns?: number
  readonly rows?: number
  readonly course?: Course
  readonly fake?: FakeOptions
  /** What the journal holds already. */
  readonly past?: readonly Recorded[]
  readonly host?: Partial<Host>
  readonly env?: Readonly<Record<string, string>>
  /** Of a demo; `keys` are all tasks. */
  readonly demo?: Partial<DemoOptions>
  /** What commands of the presenter's own do. */
  readonly runOwn?: DemoDriverOptions['runOwn']
  readonly onFrame?: RunOptions['onFrame']
  /** The size of a recording. */
  readonly recorded?: Size
}

type RunOptions = Parameters<typeof runTui>[0]

const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  up: '\u001b[A',
  down: '\u001b[B',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  'ctrl+c': '\u0003',
  'ctrl+z': '\u001a',
}

/** The terminal UI over a session in this process, on a terminal without a window and a clock that stands still. */
export class Tui {
  /** Those that `closeAll` has not closed yet. */
  private static readonly started: Tui[] = []
  /** What the UI did with the terminal beside drawing: `stop`, `copy …`, `suspend`, `resume`, `close`. */
  readonly calls: string[] = []
  readonly session: Session
  left: Left | undefined
  private options: ScreenOptions | undefined
  private keys: KeyReader | undefined

  private constructor(
    readonly clock: ManualClock,
    readonly world: FakeWorld,
    readonly display: Display,
    private readonly course: Course,
    private readonly past: readonly Recorded[] | undefined,
  ) {
    this.session = this.newSession()
  }

  static async start(options: TuiOptions = {}): Promise<Tui> {
    const { columns = 80, rows = 24, env = {} } = options
    // Loaded beforehand, as the clock does not stand for the time that takes.
    await Promise.all([import('../views/tui/app.tsx'), import('../views/tui/renderer.ts')])
    const course = options.course ?? (await fixtureCourse())
    const tui = new Tui(
      new ManualClock(),
      fakeEnvironment(options.fake),
      new Display(columns, rows),
      course,
      options.past,
    )
    Tui.started.push(tui)
    const driver = options.demo && tui.newDriver(options.demo, options.runOwn)
    tui.driver = driver
    const host = { ...tui.host({ LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env }), ...options.host }
    void runTui({
      host,
      stdin: process.stdin,
      stdout: process.stdout as ScreenOptions['stdout'],
      theme: detectTheme(host.env),
      open: options.recorded ? fixedSize(options.recorded, tui.open) : tui.open,
      demo: driver,
      onFrame: options.onFrame,
    }).then((left) => {
      tui.left = left
    })
    return tui
  }

  /** The one that was started last: a host's answers may need it. */
  static latest(): Tui {
    return Tui.started.at(-1) as Tui
  }

  /** Closes all that a test started and returns them. @throws if one broke its screen or cleared the scrollback */
  static async closeAll(): Promise<readonly Tui[]> {
    const tuis = Tui.started.splice(0)
    for (const tui of tuis) {
      if (await tui.display.isBroken()) throw new Error(`the screen is broken:\n${await tui.text()}`)
      if (tui.display.bytes.includes('\u001b[3J')) throw new Error('the scrollback was cleared')
      await tui.close()
    }
    return tuis
  }

  /** Presses Enter until the screen shows something. */
  async enterUntil(what: RegExp, limit = 20): Promise<string> {
    for (let pressed = 0; !what.test(await this.text()); pressed++) {
      if (pressed === limit) throw new Error(`never led to ${what}:\n${await this.text()}`)
      await this.press('enter')
      await this.pass(400)
    }
    return this.text()
  }

  /** Presses keys: names of `KEYS`, or the characters themselves, each by itself. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.keys?.feed(KEYS[key] ?? key)
      await this.pass(40)
    }
  }

  /** Sends bytes as they are. */
  async send(bytes: string): Promise<void> {
    this.keys?.feed(bytes)
    await this.pass(40)
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.display.resize(columns, rows)
    this.display.write(this.painter.repaint())
    this.frames?.emit('resize')
    this.options?.onResize({ columns, rows })
    await this.pass(40)
  }

  /** Lets time pass, and everything happen that follows. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 20) {
      await this.clock.advance(Math.min(20, left))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Waits, while the clock goes on, until the screen shows what it should; tells what it shows instead. */
  async see(what: string | RegExp | ((screen: string) => boolean), seconds = 60): Promise<string> {
    const holds = (screen: string) =>
      typeof what === 'string' ? screen.includes(what) : typeof what === 'function' ? what(screen) : what.test(screen)
    for (let passed = 0; passed < seconds * 1000; passed += 20) {
      const screen = await this.text()
      if (holds(screen)) return screen
      await this.pass(20)
    }
    throw new Error(`never seen: ${what}\n${await this.text()}`)
  }

  async text(): Promise<string> {
    return (await this.display.rows()).join('\n')
  }

  private async close(): Promise<void> {
    await this.session.close()
    if (!this.left) await this.press('ctrl+c', 'ctrl+c')
    for (let turn = 0; !this.left && turn < 1000; turn++) await this.pass(20)
  }

  private painter = new Painter(() => this.display.size)
  private frames: WriteStream | undefined

  private driver: DemoDriver | undefined

  private newDriver(
    demo: Partial<DemoOptions>,
    runOwn: DemoDriverOptions['runOwn'] = () => ({ end: async () => {} }),
  ): DemoDriver {
    const keys = tasksOf(outlineOf(this.course)).map(({ key }) => key)
    const defaults = { auto: false, speed: 1, pause: 1000, keys, limit: 60_000, grace: 5000 }
    return new DemoDriver({ ...defaults, ...demo }, { clock: this.clock, runOwn })
  }

  private newSession(): Session {
    const { clock, world: environment, course, past } = this
    return new Session({ course, environment, clock, journal: { append: () => {} }, version: '1', past })
  }

  private host(env: Readonly<Record<string, string>>): Host {
    return {
      clock: this.clock,
      env,
      place: {
        labDir: '/home/you/gitops-lab-work',
        stateDir: '/home/you/.local/state/gitops-lab',
        fetch: 'From its makers.',
      },
      readCourse: async () => this.course,
      tools: async () => [
        { name: 'bash', state: 'ok', found: '5.2.0' },
        { name: 'git', state: 'ok', found: '2.43.0' },
      ],
      isUp: async () => false,
      connect: async (): Promise<Connection> => {
        this.driver?.attach(this.session)
        return { lab: this.session, started: true, detach: () => void this.calls.push('detach') }
      },
      shell: async () => void this.calls.push('shell'),
      remember: () => void this.calls.push('remember'),
    }
  }

  private readonly open = (options: ScreenOptions): Screen => {
    this.options = options
    this.keys = new KeyReader(options.clock, options.onInput)
    this.painter = new Painter(() => this.display.size, options.needed)
    const { display, painter, calls } = this
    const frames = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        display.write(painter.paint(String(chunk)))
        done()
      },
    })
    Object.defineProperties(frames, {
      isTTY: { value: true },
      columns: { get: () => display.size.columns },
      rows: { get: () => display.size.rows },
    })
    this.frames = frames as WriteStream
    return {
      size: () => display.size,
      stdout: this.frames,
      suspend: async (work) => {
        calls.push('suspend')
        try {
          return await work()
        } finally {
          calls.push('resume')
        }
      },
      stop: () => void calls.push('stop'),
      copy: (text) => void calls.push(`copy ${text}`),
      close: () => void calls.push('close'),
    }
  }
}
