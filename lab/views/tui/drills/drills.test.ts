import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Course } from '../../../engine/course.ts'
import type { Event, Recorded } from '../../../engine/events.ts'
import type { FakeOptions } from '../../../testing/fake-environment.ts'
import { drilledCourse } from '../../../testing/fixture.ts'
import { Tui, type TuiOptions } from '../../../testing/tui.ts'
import { until } from '../../../testing/until.ts'

let course: Course
beforeAll(async () => {
  course = await drilledCourse()
})
afterEach(() => Tui.closeAll())

const tasks = ['files/tools', 'files/greet', 'files/look', 'files/edit', 'delivery/ask', 'delivery/refuse']
const passedUntil = (last: string): readonly Recorded[] =>
  [
    { kind: 'session-started', version: '1', course: 'A lab for tests' } as const,
    ...tasks.slice(0, tasks.indexOf(last) + 1).map((task): Event => ({ kind: 'task-passed', task, evidence: [] })),
  ].map((event, at) => ({ seq: at + 1, at: 0, event }))
const inject: FakeOptions['run'] = async (script, { files }) => {
  if (script.startsWith('rm')) files.delete('greeting.txt')
  return 0
}
const start = async (options: TuiOptions = {}, greeted = true) => {
  const past = passedUntil('delivery/refuse')
  const tui = await Tui.start({ course, past, fake: { run: inject }, ...options })
  if (greeted) tui.world.files.set('greeting.txt', 'hello')
  return tui
}
/** On the last page of the course. */
const atEnd = async (options: TuiOptions = {}) => {
  const tui = await start(options)
  await tui.see(/Enter (see the end|read on)/)
  await tui.enterUntil(/Every check passed/)
  return tui
}
/** With the drill under way. */
const inDrill = async (options: TuiOptions = {}) => {
  const tui = await atEnd(options)
  await tui.press('d')
  await tui.see('Nobody greets')
  await tui.press('enter')
  await tui.see('somebody greets blocked: silence')
  return tui
}
const footer = async (tui: Tui) => (await tui.text()).trimEnd().split('\n').at(-1)

describe.each([
  [80, 24],
  [120, 40],
  [60, 15],
])('drills at %i×%i', (columns, rows) => {
  it('are listed, begun, hinted at, solved, and listed with the best time', async () => {
    const tui = await atEnd({ columns, rows })
    expect(await footer(tui)).toContain('d drills')
    await tui.press('d')
    const list = await tui.see(/→\s+○ Nobody greets\s+new/)
    expect(list.replaceAll(/\s+/g, ' ')).toContain('The world is saved first, and u brings it back')
    expect(await footer(tui)).toMatch(/Enter begin it/)
    expect(await footer(tui)).not.toMatch(/ [hwfu] /)
    await tui.press('down', 'enter')
    const begun = await tui.see('The file that greeted yesterday cannot be found.')
    expect(begun).toMatch(/Drill: Nobody greets, \d+\.\d s/)
    expect(begun).toContain('✗ somebody greets blocked: silence')
    expect(begun).not.toContain('Look for greeting.txt')
    expect(await footer(tui)).toMatch(/h hint {2}w why .*u undo/)
    expect(await footer(tui)).not.toMatch(/Enter|skip/)
    await tui.press('h')
    await tui.see('Look for greeting.txt')
    await tui.press('h')
    await tui.see((screen) => !screen.includes('h hint'))
    await tui.press('w')
    await tui.see('expected  a greeting')
    await tui.press('escape')
    await tui.pass(65_000)
    expect(await tui.text()).toMatch(/Nobody greets, 1:0\d/)
    tui.world.files.set('greeting.txt', 'by hand')
    tui.world.change()
    const solved = await tui.see('Solved.')
    expect(solved).toMatch(/took\s+1:0\d \(your best time\)/)
    expect(solved).toContain('2 of 2 used')
    expect(solved).toContain('Somebody removed the file.')
    await tui.enterUntil(/✓ Nobody greets\s+solved, best time 1:0\d/)
    await tui.press('escape')
    await tui.see('Every check passed')
  })

  it('are taken back after asking once', async () => {
    const tui = await inDrill({ columns, rows })
    await tui.press('u')
    await tui.see('Put the world back to what it was before the drill?')
    expect(await footer(tui)).toMatch(/u put it back {2}Esc keep it/)
    await tui.press('escape')
    await tui.see((screen) => !screen.includes('Put the world back'))
    expect(tui.world.files.has('greeting.txt')).toBe(false)
    await tui.press('u', 'u')
    await tui.see(/○ Nobody greets\s+new/)
    expect(await tui.text()).toContain('The world is what it was before the drill')
    expect(tui.world.files.get('greeting.txt')).toBe('hello')
    expect(await footer(tui)).not.toContain('u undo')
  })
})

describe('the page of drills', () => {
  it('shows that a drill begins, and hears keys meanwhile', async () => {
    let release: () => void = () => {}
    const fake: FakeOptions = {
      run: async (script, world, options) => {
        if (script.startsWith('rm')) await new Promise<void>((resolve) => (release = resolve))
        return inject(script, world, options)
      },
    }
    const tui = await atEnd({ fake })
    await tui.press('d', 'enter')
    await tui.see('The world is saved.')
    await tui.see(/begins, [2-9]\.\d s/)
    expect(await footer(tui)).not.toMatch(/Enter|u undo/)
    await tui.press('?')
    await tui.see('▸ Help')
    await tui.press('escape', 'escape')
    await tui.see('Every check passed')
    release()
    await until(() => tui.session.state().drills['lost-file']?.phase === 'running')
    expect(await footer(tui)).toContain('d drill')
    await tui.press('d')
    await tui.see('blocked: silence')
  })

  it('says in full why a drill cannot begin', async () => {
    const run: FakeOptions['run'] = async (script, _, { onOutput }) => {
      onOutput('rm: no such file\n')
      return script.startsWith('rm') ? 1 : 0
    }
    const tui = await atEnd({ fake: { run } })
    await tui.press('d', 'enter')
    const screen = await tui.see('cannot begin')
    expect(screen.replaceAll(/\s+/g, ' ')).toContain('rm: no such file The world was put back')
    expect(await footer(tui)).toContain('Enter begin it')
  })

  it('is led to from help, from the welcome while one is under way, and not before the course is finished', async () => {
    const tui = await atEnd()
    await tui.press('?')
    await tui.see('faults to find and repair')
    await tui.press('d')
    await tui.see('Nobody greets')
    const begun: readonly Event[] = [
      { kind: 'drill-started', drill: 'lost-file' },
      { kind: 'drill-injected', drill: 'lost-file' },
    ]
    const past = passedUntil('delivery/refuse')
    const ended = past.length + 1
    const active = [...past, ...begun.map((event, at) => ({ seq: ended + at, at: 0, event }))]
    const later = await start({ past: active }, false)
    await later.see('Enter to the drill')
    await later.press('enter')
    await later.see('The file that greeted yesterday')
    const early = await start({ past: passedUntil('files/edit') })
    await early.see('Enter begin')
    await early.press('enter')
    await early.see('→ ')
    expect(await early.text()).not.toContain('d drill')
    await early.press('d')
    expect(await early.text()).not.toContain('Nobody greets')
  })
})
