import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Tui, type TuiOptions } from '../../testing/tui.ts'
import { until } from '../../testing/until.ts'
import type { Connection } from './host.ts'

afterEach(() => Tui.closeAll())

/** In the lab, at the task that greets, with its command on the screen. */
const atGreet = async (options: TuiOptions = {}) => {
  const tui = await Tui.start(options)
  await tui.see(/Enter (begin|read on)/)
  await tui.enterUntil(/→ Greet/)
  await tui.enterUntil(/Enter run it/)
  return tui
}
/** A command that ends when it is told to, and what it was given. */
const held = () => {
  let release: (code: number) => void = () => {}
  let write: (chunk: string) => void = () => {}
  let aborted = false
  const fake: TuiOptions['fake'] = {
    run: (_script, _world, { onOutput, signal }) => {
      write = onOutput
      signal.addEventListener('abort', () => {
        aborted = true
        release(130)
      })
      return new Promise((resolve) => {
        release = resolve
      })
    },
  }
  return {
    fake,
    write: (chunk: string) => write(chunk),
    release: (code: number) => release(code),
    get aborted() {
      return aborted
    },
  }
}

describe.each([
  [80, 24],
  [120, 40],
  [60, 15],
])('at %i×%i', (columns, rows) => {
  it('leads from the welcome to the end by Enter alone', async () => {
    const tui = await Tui.start({ columns, rows })
    await tui.see('Welcome')
    await tui.see(/Enter (begin|read on)/)
    await tui.enterUntil(/→ The tools/)
    await tui.enterUntil(/→ Greet/)
    await tui.enterUntil(/Enter run it/)
    expect(tui.world.calls).toEqual(['probe start'])
    await tui.enterUntil(/→ Look at it/)
    await tui.enterUntil(/→ Edit it/)
    await tui.enterUntil(/→ Ask the courier/)
    await tui.enterUntil(/Courier acts/)
    await tui.press('f')
    await tui.enterUntil(/→ Refuse a second one/)
    await tui.enterUntil(/Every check passed/)
    await tui.enterUntil(/Enter leave/)
    await tui.press('enter')
    await until(() => tui.left !== undefined)
    expect(tui.left?.code).toBe(0)
    expect(tui.left?.lines.join('\n')).toContain('5 of 5 passed')
    expect(tui.calls.slice(-3)).toEqual(['close', 'remember', 'detach'])
  })

  it('shows what runs, its output, how long it takes, and cancels it', async () => {
    const command = held()
    const tui = await atGreet({ columns, rows, fake: command.fake })
    await tui.press('enter')
    command.write('one\r\n\u001b[31mtwo\u001b[0m 10%\rthree\n')
    await tui.pass(3000)
    const screen = await tui.see(/runs?, 3\.\d s/)
    expect(screen).toContain('one')
    expect(screen).toContain('three')
    expect(screen).not.toContain('10%')
    expect(screen).toContain('x cancel')
    expect(screen).not.toMatch(/Enter run/)
    await tui.press('x')
    await tui.see('cancelled')
    expect(command.aborted).toBe(true)
    await tui.enterUntil(/Enter try again/)
  })

  it('shows expected, found and the next move of what is blocked, in full on w', async () => {
    const tui = await atGreet({ columns, rows, fake: { run: async () => 1 } })
    expect(await tui.text()).not.toContain('blocked')
    await tui.press('enter')
    await tui.see(/failed, exit code 1/)
    await tui.press('w')
    const page = await tui.see('expected  greeting.txt')
    expect(page).toContain('found     no such file')
    expect(page).toContain('next      Write greeting.txt')
    await tui.press('escape')
    await tui.see(/→ Greet/)
  })

  it('shows hints one by one, help, and another task', async () => {
    const tui = await atGreet({ columns, rows })
    await tui.press('h')
    await tui.press('tab')
    if (columns === 60) await tui.press('tab', 'tab', 'tab')
    await until(() => tui.session.state().tasks['files/greet']?.hints === 1)
    await tui.press('?')
    await tui.see('▸ Help')
    expect(await tui.text()).toContain('Enter')
    await tui.press('escape', 'g')
    await tui.see('Look at another task')
    await tui.press('down', 'down', 'enter')
    await tui.see(/looking at .*→ Edit it/)
    expect(await tui.text()).toContain('Enter back to your task')
    await tui.press('enter')
    await tui.see(/→ Greet/)
    expect(tui.session.state().current).toBe('files/greet')
  })

  it('fits at any moment after a resize', async () => {
    const tui = await atGreet({ columns, rows })
    for (const [width, height] of [
      [61, 15],
      [200, 60],
      [40, 10],
      [20, 5],
      [columns, rows],
    ] as const) {
      await tui.resize(width, height)
      expect(await tui.display.isBroken()).toBe(false)
    }
    await tui.see(/→ Greet/)
  })
})

describe('the terminal UI', () => {
  it('says what is pending, on whom, since when, and how to shorten it', async () => {
    const tui = await Tui.start()
    await tui.see('Enter begin')
    await tui.press('enter')
    tui.world.files.set('greeting.txt', 'hello, world\n')
    tui.world.files.set('request.yaml', '')
    tui.world.change()
    await tui.see(/→ Edit it/)
    await tui.enterUntil(/→ Ask the courier/)
    const screen = await tui.see('Courier acts next')
    expect(screen).toMatch(/waits for Courier: brings the parcel/)
    expect(screen).toContain('f skip the wait')
    await tui.press('f')
    await tui.see('all passed')
    expect(tui.world.calls).toContain('nudge Courier')
  })

  it('turns green for what is typed elsewhere, and stays where the learner reads', async () => {
    const tui = await atGreet()
    await tui.see('0 of 1 passed')
    tui.world.files.set('greeting.txt', 'hello\n')
    tui.world.change()
    await tui.see('Checks, all passed')
    expect(await tui.text()).toMatch(/→ Greet/)
    await tui.enterUntil(/→ Look at it/)
  })

  it('says that nothing arrived', async () => {
    const tui = await atGreet({ rows: 40 })
    await tui.pass(95_000)
    await tui.see('Nothing has arrived for')
    expect(await tui.text()).toContain('gitops-lab why')
  })

  it('does not say so of a task that holds already', async () => {
    const tui = await atGreet({ rows: 40 })
    tui.world.files.set('greeting.txt', 'hello\n')
    tui.world.change()
    await tui.see('Checks, all passed')
    await tui.press('g', 'up', 'escape')
    await until(() => tui.session.state().current === 'files/edit' || tui.session.state().current === 'files/look')
    await tui.session.dispatch({ kind: 'enter', task: 'files/edit' })
    await tui.pass(200_000)
    expect(await tui.text()).toContain('→ Greet')
    expect(await tui.text()).not.toContain('Nothing has arrived')
  })

  it('asks before a tool is fetched, and starts nothing until then', async () => {
    const connected: string[] = []
    const tui = await Tui.start({
      host: {
        tools: async () => [{ name: 'kubectl', state: 'missing', found: 'not on your PATH' }],
        connect: async (): Promise<Connection> => {
          connected.push('now')
          throw new Error('no room on the disk')
        },
      },
    })
    await tui.see('May it fetch kubectl?')
    await tui.press('enter', 'x')
    expect(connected).toEqual([])
    await tui.press('y')
    await tui.see('no room on the disk')
    expect(connected).toEqual(['now'])
    await tui.press('q')
    await until(() => tui.left !== undefined)
    expect(tui.left?.lines).toEqual(['no room on the disk'])
  })

  it('says that the background process is gone, and starts it again', async () => {
    let end: (reason: string) => void = () => {}
    let times = 0
    const tui = await atGreet({
      host: {
        connect: async (): Promise<Connection> => {
          times++
          const { session } = Tui.latest()
          const lab = Object.create(session, {
            ended: { value: new Promise((resolve) => (end = resolve)) },
          }) as Connection['lab']
          return { lab, started: true, detach: () => {} }
        },
      },
    })
    end('it was killed')
    await tui.see('The background process is gone')
    expect(await tui.text()).toContain('it was killed')
    await tui.press('r')
    await tui.see(/→ Greet/)
    expect(times).toBe(2)
  })

  it('welcomes back, and tells what changed', async () => {
    const tui = await Tui.start({
      host: {
        connect: async (): Promise<Connection> => ({
          lab: Tui.latest().session,
          started: true,
          since: {
            at: Tui.latest().clock.now() - 3_600_000,
            events: [
              { seq: 1, at: 0, event: { kind: 'task-passed', task: 'files/greet', evidence: [] } },
              { seq: 2, at: 0, event: { kind: 'observed', text: 'something drifted' } },
            ],
          },
          detach: () => {},
        }),
      },
    })
    const screen = await tui.see('Welcome back.')
    expect(screen).toContain('1:00:00')
    expect(screen).toContain('passed: Greet')
    expect(screen).toContain('something drifted')
    await tui.see('Enter go on')
  })

  it('asks once before leaving what runs, on Ctrl-C as on q', async () => {
    const command = held()
    const tui = await atGreet({ fake: command.fake })
    await tui.press('enter', 'ctrl+c')
    await tui.see('goes on when you leave')
    await tui.press('escape')
    await tui.see('x cancel')
    await tui.press('q', 'q')
    await until(() => tui.left !== undefined)
    expect(tui.left?.lines.join('\n')).toContain('`gitops-lab` comes back to Files: Greet.')
    expect(command.aborted).toBe(false)
    command.release(0)
  })

  it('runs a command once, however often Enter is pressed before the lab has answered', async () => {
    const asked: string[] = []
    let answer: () => void = () => {}
    const tui = await Tui.start({
      host: {
        connect: async (): Promise<Connection> => {
          const { session } = Tui.latest()
          const dispatch: Connection['lab']['dispatch'] = async (intent) => {
            asked.push(intent.kind)
            await new Promise<void>((resolve) => {
              answer = resolve
            })
            return session.dispatch(intent)
          }
          return { lab: Object.create(session, { dispatch: { value: dispatch } }), started: true, detach: () => {} }
        },
      },
    })
    await tui.see('Enter begin')
    await tui.enterUntil(/→ Greet[\s\S]*Enter run it/)
    await tui.press('enter', 'enter', 'enter')
    expect(asked).toEqual(['run'])
    answer()
    await tui.see(/→ Greet[\s\S]*Enter go on/)
  })

  it('takes pasted text for no keys', async () => {
    const tui = await atGreet()
    const calls = tui.world.calls.length
    await tui.send('\u001b[200~qxe\rq\u001b[201~')
    await tui.see('Pasted text does nothing here')
    await tui.send('qqqq qqqq')
    await tui.send('\u001b[99;99zz\u001b]0;x\u0007')
    expect(tui.left).toBeUndefined()
    expect(tui.world.calls.length).toBe(calls)
  })

  it('scrolls by wheel what is under the pointer, and follows output until then', async () => {
    const command = held()
    const tui = await atGreet({ fake: command.fake })
    await tui.press('enter')
    command.write(Array.from({ length: 200 }, (_, at) => `line ${at}\n`).join(''))
    await tui.see('line 199')
    const row = (await tui.display.rows()).findIndex((text) => text.includes('line 199'))
    await tui.send(`\u001b[<64;10;${row + 1}M`.repeat(1))
    await tui.see((screen) => !screen.includes('line 199') && screen.includes('line 196'))
    command.write('line 200\n')
    await tui.pass(500)
    expect(await tui.text()).not.toContain('line 200')
    await tui.send(`\u001b[<0;10;${row + 1}M`)
    await tui.press('end')
    await tui.see('line 200')
    command.release(0)
  })

  it('copies the command, opens a shell, stops', async () => {
    const tui = await atGreet()
    await tui.press('c')
    expect(tui.calls.at(-1)).toBe('copy cd "$LAB_DIR"\necho "$GREETING" >greeting.txt')
    await tui.press('s')
    await until(() => tui.calls.at(-1) === 'resume')
    expect(tui.calls.slice(-3)).toEqual(['suspend', 'shell', 'resume'])
    await tui.press('ctrl+z')
    expect(tui.calls.at(-1)).toBe('stop')
  })

  it('has the learner make an edit in their editor, shows the difference, and lets the checks judge', async () => {
    const labDir = mkdtempSync(join(tmpdir(), 'gl-edit-'))
    writeFileSync(join(labDir, 'greeting.txt'), 'hello\n')
    const place = { labDir, stateDir: '/none' }
    const env = { PATH: process.env['PATH'] ?? '', EDITOR: 'sed -i -e s/hello/hi/' }
    const tui = await Tui.start({ env, host: { place } })
    tui.world.files.set('greeting.txt', 'hello\n')
    await tui.see('Enter begin')
    await tui.enterUntil(/→ Edit it/)
    await tui.press('e')
    // The editor is a real process: what it takes is not on our clock.
    await until(() => tui.calls.includes('resume'), 10_000_000)
    await tui.see('edited greeting.txt by hand')
    expect(await tui.text()).toMatch(/\+ ?hi/)
    await until(() => tui.session.state().tasks['files/edit']?.actions['edit-1']?.ended?.outcome === 'ok')
    expect(tui.calls).toContain('suspend')
    await tui.press('w')
    await tui.see('expected  a line with "world"')
    rmSync(labDir, { recursive: true })
  })

  it('says what is wrong with an editor that is missing', async () => {
    const labDir = mkdtempSync(join(tmpdir(), 'gl-edit-'))
    const tui = await Tui.start({
      env: { PATH: process.env['PATH'] ?? '', EDITOR: 'no-such-editor' },
      host: { place: { labDir, stateDir: '/none' } },
    })
    tui.world.files.set('greeting.txt', 'hello\n')
    await tui.see('Enter begin')
    await tui.enterUntil(/→ Edit it/)
    await tui.press('e')
    await until(() => tui.calls.includes('resume'), 10_000_000)
    await tui.see(/the shell cannot run it/)
    rmSync(labDir, { recursive: true })
  })

  it('stands a clock that jumps', async () => {
    const command = held()
    const tui = await atGreet({ fake: command.fake })
    await tui.press('enter')
    await tui.see('runs, ')
    Object.assign(tui.clock, { current: tui.clock.now() + 86_400_000 })
    await tui.see(/24:00:0\d/)
    command.release(0)
  })

  it('shows output that is no text, too long, too much, and does no harm', async () => {
    const command = held()
    const tui = await atGreet({ fake: command.fake })
    await tui.press('enter')
    command.write('\u0000\u0001\ufffd\u001b[2J\u001b[3J\u001b]0;title\u0007\u001b[999;999H\u001bc')
    command.write('x'.repeat(100_000))
    command.write(`\n${'汉字👩‍👩‍👧e\u0301'.repeat(500)}\n`)
    for (let at = 0; at < 20_000; at++) command.write(`${at}\n`)
    command.write('the end\n')
    await tui.see('the end')
    command.release(0)
  })
})
