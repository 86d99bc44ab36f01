import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../sandbox/core/clock.ts'
import { type FakeOptions, type FakeWorld, fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { until } from '../testing/until.ts'
import type { Recorded } from './events.ts'
import { outlineOf } from './outline.ts'
import { reduce } from './reduce.ts'
import { rowsOf, summaryOf } from './report.ts'
import { Session, type SessionOptions } from './session.ts'
import { initialState, isPassed } from './state.ts'

const open: Session[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()))
})

async function start(options: Partial<SessionOptions> & { fake?: FakeOptions; world?: FakeWorld } = {}) {
  const clock = (options.clock as ManualClock | undefined) ?? new ManualClock()
  const world = options.world ?? fakeEnvironment(options.fake)
  const kept: Recorded[] = []
  const course = options.course ?? (await fixtureCourse())
  const session = new Session({
    course,
    environment: world,
    clock,
    journal: { append: (recorded) => void kept.push(JSON.parse(JSON.stringify(recorded))) },
    version: '1',
    ...options,
  })
  open.push(session)
  await clock.advance(0)
  return { session, world, clock, kept, course }
}
const at = (session: Session, task: string) => until(() => session.state().current === task)

describe('a session', () => {
  it('notices what was done by hand, without any intent', async () => {
    const { session, world, clock } = await start()
    await at(session, 'files/greet')
    world.files.set('greeting.txt', 'hello, world\n')
    world.change()
    await clock.advance(200)
    await until(() => session.state().current === 'delivery/ask')
    expect(isPassed(session.state(), 'files/look')).toBe(true)
    expect(session.state().probe.running).toBe(true)
  })

  it('notices on a slow tick what nobody told it of', async () => {
    const { session, world, clock } = await start()
    await at(session, 'files/greet')
    await clock.advance(100)
    world.files.set('greeting.txt', 'hello\n')
    await clock.advance(6000)
    await at(session, 'files/look')
  })

  it('runs, writes and edits, keeps output out of the journal, and stops the probe at its task', async () => {
    const { session, world, clock, kept } = await start()
    const run = (task: string, action: string) => session.dispatch({ kind: 'run', task, action })
    const check = (task: string) => session.dispatch({ kind: 'check', tasks: [task] })
    await at(session, 'files/greet')
    expect(await run('files/greet', 'greet')).toEqual({ ok: true })
    await check('files/greet')
    await run('files/look', 'look-1')
    await run('files/edit', 'edit-1')
    await check('files/edit')
    await run('delivery/ask', 'ask-1')
    await check('delivery/ask')
    expect(rowsOf(session.state(), ['delivery/ask'])).toMatchObject([
      { verdict: 'pending', actor: 'Courier', step: '2-delivery' },
    ])
    await clock.advance(1500)
    expect(await session.dispatch({ kind: 'nudge' })).toEqual({ ok: true })
    await check('delivery/ask')
    await run('delivery/refuse', 'refuse-1')
    await check('delivery/refuse')
    await until(() => session.state().finishedAt !== undefined)
    expect(world.files.get('greeting.txt')).toBe('hello, world\n')
    expect(world.calls.filter((call) => call.startsWith('probe'))).toEqual(['probe start', 'probe stop'])
    expect(summaryOf(session.state())).toMatchObject({
      steps: { passed: 2, total: 2 },
      checks: { passed: 5, total: 5 },
      pushToServedMs: 1500,
      probe: { served: 10, lost: 0 },
    })
    expect(await session.ask('output')).toContain('hello\n')
    expect(kept.map(({ event }) => event.kind)).not.toContain('output')
    expect(kept.map(({ event }) => event.kind).slice(-3)).toEqual(['task-passed', 'probe-stopped', 'finished'])
  })

  it('keeps what was observed although nobody looked', async () => {
    const { world, kept } = await start()
    world.change('Application argocd/web: Synced → OutOfSync')
    expect(kept.at(-1)?.event).toEqual({ kind: 'observed', text: 'Application argocd/web: Synced → OutOfSync' })
  })

  it('lets no verdict from before a restore count after it', async () => {
    const { session, world, clock } = await start()
    await at(session, 'files/greet')
    await session.dispatch({ kind: 'snapshot', name: 'before' })
    world.files.set('greeting.txt', 'hello\n')
    const restored = session.dispatch({ kind: 'restore', name: 'before' })
    world.change()
    await clock.advance(300)
    await restored
    await session.dispatch({ kind: 'check', tasks: ['files/greet'] })
    expect(isPassed(session.state(), 'files/greet')).toBe(false)
  })

  it('is rebuilt by its journal', async () => {
    const { session, kept, course } = await start()
    await at(session, 'files/greet')
    await session.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })
    await session.dispatch({ kind: 'check', tasks: ['files/greet'] })
    await session.dispatch({ kind: 'hint', task: 'files/greet' })
    const replayed = kept.reduce(reduce, initialState(outlineOf(course)))
    expect(JSON.parse(JSON.stringify(replayed))).toEqual(JSON.parse(JSON.stringify(session.state())))
    const { session: resumed, world } = await start({ past: kept })
    expect(resumed.state().current).toBe('files/look')
    expect(world.calls).toContain('probe start')
    const seqs = resumed.events().map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    expect(resumed.events(kept.at(-1)?.seq)[0]?.event.kind).toBe('session-started')
  })

  it('says broken when a check throws, and when it hangs', async () => {
    const course = await fixtureCourse()
    const world = fakeEnvironment()
    const hanging: FakeWorld = {
      ...world,
      lab: { ...world.lab, tools: { version: () => new Promise(() => {}) } },
    }
    const { session, clock } = await start({ course, world: hanging })
    await clock.advance(30_001)
    await until(() => rowsOf(session.state(), ['files/tools']).length > 0)
    expect(rowsOf(session.state(), ['files/tools'])).toMatchObject([
      { verdict: 'broken', found: 'the check did not answer within 30 s' },
    ])
    const throwing: FakeWorld = {
      ...world,
      lab: { ...world.lab, tools: { version: () => Promise.reject(new Error('boom')) } },
    }
    const second = await start({ course, world: throwing })
    await until(() => rowsOf(second.session.state(), ['files/tools']).length > 0)
    expect(rowsOf(second.session.state(), ['files/tools'])).toMatchObject([{ verdict: 'broken', found: 'boom' }])
  })

  it('explains with diagnose, and never decides by it', async () => {
    const { session, world } = await start()
    await at(session, 'files/greet')
    world.files.set('greeting.text', 'hello')
    await session.dispatch({ kind: 'check', tasks: ['files/greet'] })
    expect(rowsOf(session.state(), ['files/greet'])).toMatchObject([
      { verdict: 'blocked', cause: { id: 'other-name' }, next: 'Rename greeting.text' },
    ])
  })

  it('cancels a command, and what runs when it closes', async () => {
    const hang: FakeOptions['run'] = (_, __, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(130), { once: true }))
    const { session, kept } = await start({ fake: { run: hang } })
    const done = session.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })
    await until(() => session.state().running.length === 1)
    await session.dispatch({ kind: 'cancel' })
    expect(await done).toEqual({ ok: true })
    expect(kept.at(-1)?.event).toMatchObject({ kind: 'action-ended', outcome: 'cancelled' })
    void session.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })
    await until(() => session.state().running.length === 1)
    await session.close()
    expect(session.state().running).toEqual([])
    expect(await session.dispatch({ kind: 'nudge' })).toEqual({ ok: false, why: 'the lab is ending' })
  })

  it('goes on when the journal cannot be written, says so, and catches up', async () => {
    const kept: Recorded[] = []
    let full = false
    const journal = {
      append: (recorded: Recorded) => {
        if (full) throw new Error('ENOSPC: no space left on device')
        kept.push(recorded)
      },
    }
    const { session } = await start({ journal })
    await at(session, 'files/greet')
    full = true
    await session.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })
    expect(session.state().problem).toBe('the journal cannot be written: ENOSPC: no space left on device')
    full = false
    await session.dispatch({ kind: 'hint', task: 'files/greet' })
    expect(kept.map(({ seq }) => seq)).toEqual(session.events().map(({ seq }) => seq))
  })

  it('takes a snapshot and puts world and progress back', async () => {
    const { session, world, clock } = await start()
    await at(session, 'files/greet')
    expect(await session.dispatch({ kind: 'snapshot', name: 'before' })).toEqual({ ok: true })
    await session.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })
    await session.dispatch({ kind: 'check', tasks: ['files/greet'] })
    await at(session, 'files/look')
    expect(await session.dispatch({ kind: 'restore', name: 'before' })).toEqual({ ok: true })
    expect([...world.files]).toEqual([])
    expect(session.state().current).toBe('files/greet')
    await clock.advance(200)
    expect(isPassed(session.state(), 'files/greet')).toBe(false)
    expect(await session.dispatch({ kind: 'restore', name: 'other' })).toEqual({
      ok: false,
      why: 'there is no snapshot "other": `gitops-lab snapshots` lists them',
    })
  })

  it('refuses a snapshot of a world that is not its own', async () => {
    const { session } = await start({ fake: { world: false } })
    expect(await session.dispatch({ kind: 'snapshot', name: 'x' })).toMatchObject({ ok: false })
  })
})
