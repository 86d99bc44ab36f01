import { afterEach, describe, expect, it } from 'vitest'
import type { Recorded } from '../engine/events.ts'
import { tasksOf } from '../engine/outline.ts'
import type { Clock } from '../engine/ports.ts'
import type { Session } from '../engine/session.ts'
import { ManualClock } from '../sandbox/core/clock.ts'
import { type FakeOptions, fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { autopilot } from './autopilot.ts'
import { check, why } from './one-shot.ts'

const open: Session[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()))
})

async function start(fake: FakeOptions = {}, past: readonly Recorded[] = [], world = fakeEnvironment(fake)) {
  const clock = new ManualClock()
  const session = sessionOf(await fixtureCourse(), world, { clock, past })
  open.push(session)
  const notes: string[] = []
  /** Drives while time passes, as fast as it can. */
  const drive = async (keys = tasksOf(session.state().outline).map(({ key }) => key)) => {
    let code: number | undefined
    const driven = autopilot(session, keys, {
      clock,
      limit: 120_000,
      grace: 10_000,
      note: (text) => notes.push(text),
    }).then((ended) => {
      code = ended
    })
    while (code === undefined) await Promise.race([clock.advance(500), driven])
    return code
  }
  return { session, world, clock, notes, drive }
}

describe('the autopilot', () => {
  it('does the whole course, nudging what it waits for', async () => {
    const { session, world, drive } = await start()
    expect(await drive()).toBe(0)
    expect(session.state().finishedAt).toBeDefined()
    expect(world.calls).toEqual([
      'probe start',
      'run echo "$GREETING" >greeting.txt',
      'run cat "$LAB_DIR/greeting.txt"',
      'write greeting.txt',
      'write request.yaml',
      'nudge Courier',
      'run exit 3',
      'probe stop',
    ])
  })

  it('does not run again what passed before a crash', async () => {
    const first = await start()
    expect(await first.drive(['files/tools', 'files/greet', 'files/look'])).toBe(0)
    first.world.calls.length = 0
    const second = await start({}, first.session.events(), first.world)
    expect(await second.drive()).toBe(0)
    expect(second.world.calls.filter((call) => call.startsWith('run'))).toEqual(['run exit 3'])
  })

  it('asks the checks first when a command was cut off', async () => {
    const first = await start()
    await first.drive(['files/tools', 'files/greet', 'files/look', 'files/edit', 'delivery/ask'])
    const cut: Recorded = {
      seq: 999,
      at: 0,
      event: { kind: 'action-started', task: 'delivery/refuse', action: 'refuse-1', run: 99 },
    }
    first.world.files.set('refused.txt', '')
    first.world.calls.length = 0
    const second = await start({}, [...first.session.events(), cut], first.world)
    expect(await second.drive()).toBe(0)
    expect(second.world.calls.filter((call) => call.startsWith('run'))).toEqual([])
  })

  it('gives up on a verdict that asks the learner to act and does not change', async () => {
    const { drive, notes, clock } = await start({ run: async () => 1 })
    const before = clock.now()
    expect(await drive()).toBe(1)
    expect(notes).toEqual(['files/greet does not pass'])
    expect(clock.now() - before).toBeLessThan(20_000)
  })

  it('believes no verdict because the machine slept', async () => {
    const { session, world, clock } = await start({ run: async () => 1 })
    let ahead = 0
    const jumping: Clock = {
      now: () => clock.now() + ahead,
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    }
    const driven = autopilot(session, ['files/greet'], {
      clock: jumping,
      limit: 120_000,
      grace: 10_000,
      note: () => {},
    })
    for (let turn = 0; turn < 60; turn++) {
      if (turn === 6) ahead = 3_600_000
      if (turn === 12) world.files.set('greeting.txt', 'hello\n')
      await clock.advance(500)
    }
    expect(await driven).toBe(0)
  })

  it('gives up on a wait that does not end within the limit', async () => {
    const world = fakeEnvironment()
    const { drive, notes } = await start({}, [], { ...world, nudge: async () => [] })
    expect(await drive()).toBe(2)
    expect(notes).toEqual(['delivery/ask did not pass within 120 s'])
  })

  it('ends with an error when the lab goes away', async () => {
    const world = fakeEnvironment()
    const { session, drive } = await start({}, [], { ...world, nudge: async () => [] })
    const driven = drive(['files/tools', 'delivery/ask'])
    setImmediate(() => void session.close('somebody ended it'))
    await expect(driven).rejects.toThrow('somebody ended it')
  })
})

describe('one-shot', () => {
  it('check tells all, why what holds it up', async () => {
    const { session, drive } = await start()
    await drive(['files/tools'])
    expect(await check(session, ['files/tools', 'files/greet'], false)).toMatchObject({
      code: 1,
      rows: [{ verdict: 'passed' }, { verdict: 'blocked', step: '1-files', task: 'greet', next: 'Write greeting.txt' }],
    })
    expect((await why(session)).rows).toMatchObject([{ task: 'greet', verdict: 'blocked' }])
  })
})
