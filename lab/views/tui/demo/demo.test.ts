import { afterEach, describe, expect, it } from 'vitest'
import type { Course } from '../../../engine/course.ts'
import type { OwnEvent } from '../../../engine/stage.ts'
import { fixtureCourse } from '../../../testing/fixture.ts'
import { Tui, type TuiOptions } from '../../../testing/tui.ts'
import { cellWidth } from '../text/cell.ts'

afterEach(async () => {
  for (const { display } of await Tui.closeAll()) expect(display.bytes).not.toContain('for the speaker alone')
})

/** The fixture course with a note at each task. */
const noted = async (): Promise<Course> => {
  const course = await fixtureCourse()
  const note = { kind: 'notes', markdown: 'for the speaker alone' } as const
  const steps = course.steps.map((step) => ({
    ...step,
    tasks: step.tasks.map((task) => ({ ...task, blocks: [note, ...task.blocks] })),
  }))
  return { ...course, steps }
}

const start = async (demo: TuiOptions['demo'], options: TuiOptions = {}) =>
  Tui.start({ columns: 100, rows: 30, course: await noted(), demo, ...options })
/** Beyond the welcome page, in the middle of the first command of `Greet`. */
const typingGreet = async (options: TuiOptions = {}) => {
  const tui = await start({}, options)
  await tui.see('Enter begin')
  await tui.enterUntil(/→ Greet/)
  await tui.see(/\$ cd "\$LAB/)
  return tui
}
const over = async (tui: Tui) => {
  for (let turn = 0; !tui.left && turn < 600; turn++) await tui.pass(200)
  return tui.left
}

/** What stays in the scrollback, without its looks. */
const linesOf = ({ left }: Tui) => left?.lines.join('\n').replace(/\u001b\[[\d;]*m/g, '')

describe.each([
  [120, 30],
  [80, 24],
  [60, 15],
])('a demo at %i×%i', (columns, rows) => {
  it('goes to the end by one key alone', async () => {
    const tui = await start({}, { columns, rows })
    await tui.see('Welcome')
    for (let pressed = 0; !tui.left; pressed++) {
      if (pressed === 80) throw new Error(`never ended:\n${await tui.text()}`)
      await tui.press(['enter', 'pagedown', ' '][pressed % 3] as string)
      await tui.pass(400)
    }
    expect(tui.left.code).toBe(0)
    expect(tui.world.calls.filter((call) => call.startsWith('run'))).toHaveLength(4)
    expect(linesOf(tui)).toContain('checks          5 of 5 passed')
  })

  it('goes there by itself, and says what it hurried', async () => {
    const tui = await start({ auto: true, speed: 10, pause: 300 }, { columns, rows })
    await tui.see('asked the courier to hurry')
    await tui.see('Every check passed')
    expect(await over(tui)).toMatchObject({ code: 0 })
    expect(tui.world.calls).toContain('nudge Courier')
  })
})

describe('by itself', () => {
  it('stops with the verdict and its exit code when a check never passes', async () => {
    const tui = await start({ auto: true, speed: 10, pause: 300 }, { fake: { run: async () => 1 } })
    const left = await over(tui)
    expect(left?.code).toBe(1)
    expect(linesOf(tui)).toMatch(/"Greet" does not pass[\s\S]*next +Write greeting\.txt/)
  })

  it('ends when the lab cannot be started, or is gone', async () => {
    const failing = await start(
      { auto: true },
      { host: { connect: () => Promise.reject(new Error('no port is free')) } },
    )
    expect(await over(failing)).toEqual({ code: 1, lines: ['no port is free'] })
    const tui = await start({ auto: true })
    await tui.see('→ The tools')
    await tui.session.close('somebody ended it')
    expect(await over(tui)).toMatchObject({ code: 69 })
  })
})

describe('a presenter', () => {
  it('resizes the terminal in the middle of typing', async () => {
    const tui = await typingGreet()
    await tui.resize(60, 15)
    await tui.see(/\$ cd "\$LAB_DIR"/)
    await tui.resize(120, 40)
    await tui.see('ready to run')
    expect(await tui.text()).toContain('> echo "$GREETING" >greeting.txt')
  })

  it('is told to make a terminal larger that became smaller than the recording, which keeps its size', async () => {
    const sizes: string[] = []
    const onFrame = (rows: readonly string[]) => void sizes.push(`${Math.max(...rows.map(cellWidth))}×${rows.length}`)
    const tui = await typingGreet({ recorded: { columns: 100, rows: 30 }, onFrame })
    for (const [columns, rows] of [
      [99, 30],
      [120, 29],
      [12, 15],
    ] as const) {
      await tui.resize(columns, rows)
      expect((await tui.text()).replaceAll('\n', ' ')).toMatch(
        new RegExp(`^This terminal is ${columns}×${rows}. Make it 100×30 or larger to see what is recorded. *$`),
      )
    }
    await tui.pass(2000)
    await tui.resize(120, 40)
    await tui.see('ready to run')
    expect(new Set(sizes)).toEqual(new Set(['100×29']))
  })

  it('types the rest at once, freezes, and blanks the screen', async () => {
    const tui = await typingGreet()
    await tui.press('p')
    await tui.see('frozen')
    const frozen = await tui.text()
    await tui.pass(10_000)
    expect(await tui.text()).toBe(frozen)
    await tui.press('b')
    await tui.see((screen) => screen.trim() === '')
    await tui.press('x', 'p', 't')
    expect(await tui.text()).toContain('ready to run')
    expect(tui.world.calls.filter((call) => call.startsWith('run'))).toHaveLength(1)
  })

  it('looks at another step, while nothing goes on', async () => {
    const tui = await typingGreet()
    await tui.press('g', 'end', 'enter')
    await tui.see('Refuse a second one')
    await tui.pass(10_000)
    await tui.press('enter')
    await tui.see('→ Greet')
    await tui.see('ready to run')
  })

  it('takes over, runs a command in the same place, and gives back', async () => {
    const scripts: string[] = []
    let tell: (event: OwnEvent) => void = () => {}
    const tui = await typingGreet({
      runOwn: (script, own) => {
        scripts.push(script)
        tell = own
        own({ kind: 'output', chunk: 'a line of its own\n' })
        return { end: async () => own({ kind: 'ended', code: null, error: 'ended by SIGTERM' }) }
      },
    })
    await tui.press('o')
    await tui.see('taken over')
    expect(await tui.text()).not.toContain('run it')
    await tui.press(...'lxs q')
    await tui.see('$ lxs q')
    expect(await tui.text()).toContain('Enter run it')
    await tui.send('\u001b\r')
    expect(scripts).toEqual([])
    await tui.send('\u007f\u007f')
    await tui.press('\u007f', '\u007f', 's', 'enter')
    await tui.see('a line of its own')
    expect(scripts).toEqual(['ls'])
    expect(await tui.text()).toContain('your command runs')
    expect(await tui.text()).not.toContain('run it')
    tell({ kind: 'ended', code: 0 })
    await tui.see('✓ done')
    await tui.send('\u001b[200~sleep 1000\u001b[201~')
    await tui.pass(100)
    await tui.press('enter', 'ctrl+c')
    await tui.see('ended by SIGTERM')
    await tui.press('escape')
    await tui.see('ready to run')
    expect(scripts).toEqual(['ls', 'sleep 1000'])
    expect(tui.world.calls.filter((call) => call.startsWith('run'))).toHaveLength(1)
  })

  it('leaves at any time', async () => {
    const tui = await typingGreet()
    await tui.press('q')
    expect(await over(tui)).toMatchObject({ code: 0 })
  })
})
