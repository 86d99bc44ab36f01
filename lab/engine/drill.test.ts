import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../sandbox/core/clock.ts'
import { type FakeOptions, fakeEnvironment } from '../testing/fake-environment.ts'
import { drilledCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { until } from '../testing/until.ts'
import type { Course } from './course.ts'
import { consequences, decide } from './decide.ts'
import { activeDrill, drillRows } from './drill.ts'
import type { Event, Recorded } from './events.ts'
import type { Intent } from './intents.ts'
import { outlineOf } from './outline.ts'
import { reduce } from './reduce.ts'
import { openTasks, rowsOf } from './report.ts'
import type { Session } from './session.ts'
import { initialState, type State } from './state.ts'
import { blocked, passed } from './verdict.ts'

const DRILL = 'lost-file'
const KEY = `drill/${DRILL}`
let course: Course
beforeAll(async () => {
  course = await drilledCourse()
})

const tasks = ['files/tools', 'files/greet', 'files/look', 'files/edit', 'delivery/ask', 'delivery/refuse']
const done = tasks.map((task): Event => ({ kind: 'task-passed', task, evidence: [] }))
const begin: readonly Event[] = [
  { kind: 'session-started', version: '1', course: 'A lab for tests' },
  ...done,
  { kind: 'snapshot-taken', name: `drill-${DRILL}` },
]
const started: Event = { kind: 'drill-started', drill: DRILL }
const injected: Event = { kind: 'drill-injected', drill: DRILL }
const checked = (verdict = passed()): Event => ({
  kind: 'checked',
  task: KEY,
  results: { 'somebody greets': { verdict } },
})
const missing = checked(blocked({ expected: 'a', found: 'b', next: 'c' }))
const solved: Event = { kind: 'drill-solved', drill: DRILL, evidence: [{ check: 'somebody greets' }] }
const stateOf = (...events: readonly Event[]): State =>
  [...begin, ...events].reduce(
    (state, event, at) => reduce(state, { seq: at + 1, at: at * 1000, event }),
    initialState(outlineOf(course)),
  )
const why = (state: State, intent: Intent) => {
  const decision = decide(state, intent)
  return decision.ok ? decision.effects.map(({ kind }) => kind) : decision.why
}
const stateIn = (state: State) => drillRows(state)[0]?.state

describe('the state of a drill', () => {
  it('stops the course while it lasts', () => {
    const state = stateOf(started, injected, missing)
    expect(openTasks(state)).toEqual([KEY])
    expect(stateIn(state)).toBe('running')
    for (const intent of [
      { kind: 'run', task: 'delivery/ask', action: 'ask-1' },
      { kind: 'next' },
      { kind: 'enter', task: 'delivery/ask' },
      { kind: 'snapshot', name: 'x' },
    ] as const) {
      expect(why(state, intent)).toContain(`the drill ${DRILL} is under way`)
    }
  })

  it('took no time where the clock was set back meanwhile', () => {
    const state = reduce(stateOf(started, injected, missing), { seq: 99, at: -5000, event: solved })
    expect(drillRows(state)).toMatchObject([{ tookMs: 0, bestMs: 0 }])
  })

  it('is solved when its checks pass after the fault was seen, and not before', () => {
    expect(consequences(stateOf(started, checked(), injected))).toEqual([])
    const effects = consequences(stateOf(started, injected, missing, checked()))
    expect(effects).toMatchObject([{ kind: 'record', event: { kind: 'drill-solved', drill: DRILL } }])
  })

  it('keeps the best time through another attempt, and forgets its verdicts', () => {
    const once = [started, injected, missing, checked(), solved]
    expect(drillRows(stateOf(...once))).toMatchObject([{ state: 'solved', tookMs: 3000, bestMs: 3000 }])
    const again = stateOf(...once, started, injected, missing)
    expect(rowsOf(again, [KEY])).toMatchObject([{ step: 'drill', task: DRILL, verdict: 'blocked' }])
    const slower = stateOf(...once, started, injected, missing, missing, checked(), solved)
    expect(drillRows(slower)).toMatchObject([{ tookMs: 4000, bestMs: 3000 }])
  })

  it('ends when another world is put in its place', () => {
    const state = stateOf(started, injected, missing, { kind: 'snapshot-restored', name: `drill-${DRILL}` })
    expect(activeDrill(state)).toBeUndefined()
    expect(stateIn(state)).toBe('new')
  })

  it('says so when the lab ended while the fault was being made, and can be taken back', () => {
    const state = stateOf(started, { kind: 'session-started', version: '1', course: 'A lab for tests' })
    expect(activeDrill(state)?.phase).toBe('interrupted')
    expect(why(state, { kind: 'drill', drill: DRILL })).toContain('is under way')
    expect(why(state, { kind: 'undo-drill' })).toEqual(['restore', 'record'])
    expect(why(stateOf(started), { kind: 'undo-drill' })).toContain('just being prepared')
  })

  it('begins only where what it needs is there', () => {
    const early = reduce(initialState(outlineOf(course)), { seq: 1, at: 0, event: begin[0]! })
    expect(why(early, { kind: 'drill', drill: DRILL })).toBe(
      'the drill lost-file needs files/edit, which has not passed: do step 1-files first',
    )
    expect(why(stateOf(), { kind: 'drill', drill: 'lost-fle' })).toContain('did you mean "lost-file"?')
    expect(why(stateOf({ kind: 'probe-started' }), { kind: 'drill', drill: DRILL })).toContain('being counted')
    expect(why(stateOf(), { kind: 'undo-drill' })).toContain('nothing to take back')
  })

  it('reveals hints while it runs, as many as there are', () => {
    const hint: Intent = { kind: 'drill-hint', drill: DRILL }
    const revealed: Event = { kind: 'drill-hint-revealed', drill: DRILL }
    expect(why(stateOf(), hint)).toContain('is not under way')
    expect(why(stateOf(started, injected, revealed), hint)).toEqual(['record'])
    expect(why(stateOf(started, injected, revealed, revealed), hint)).toContain('no further hint')
  })
})

const open: Session[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()))
})

async function start(run: FakeOptions['run']) {
  const clock = new ManualClock()
  const world = fakeEnvironment({ run })
  world.files.set('greeting.txt', 'hello')
  const past = begin.map((event, at): Recorded => ({ seq: at + 1, at: 0, event }))
  const session = sessionOf(course, world, { clock, past })
  open.push(session)
  await clock.advance(0)
  const dispatch = (intent: Intent) => session.dispatch(intent)
  return { session, world, clock, dispatch }
}

const honest: FakeOptions['run'] = async (script, { files }) => {
  if (script.startsWith('rm')) files.delete('greeting.txt')
  else files.set('prepared.txt', '')
  return 0
}

describe('a session with a drill', () => {
  it('injects after a snapshot, sees the repair by whatever route, and takes the drill back', async () => {
    const { session, world, clock, dispatch } = await start(honest)
    expect(await dispatch({ kind: 'drill', drill: DRILL })).toEqual({ ok: true })
    expect([...world.files.keys()]).toEqual(['prepared.txt'])
    expect(rowsOf(session.state(), [KEY])).toMatchObject([{ verdict: 'blocked', found: 'silence' }])
    await clock.advance(2000)
    world.files.set('greeting.txt', 'by hand')
    world.change()
    await clock.advance(200)
    await until(() => stateIn(session.state()) === 'solved')
    expect(rowsOf(session.state(), [KEY])).toMatchObject([{ verdict: 'passed', evidence: 'greeting.txt' }])
    expect(drillRows(session.state())[0]?.bestMs).toBe(2200)
    expect(await dispatch({ kind: 'undo-drill' })).toEqual({ ok: true })
    expect([...world.files.values()]).toEqual(['hello'])
    expect(stateIn(session.state())).toBe('solved')
  })

  it('begins once when two ask for it at once', async () => {
    const { session, dispatch } = await start(honest)
    const asked = [dispatch({ kind: 'drill', drill: DRILL }), dispatch({ kind: 'drill', drill: DRILL })]
    expect(await Promise.all(asked)).toEqual([
      { ok: true },
      { ok: false, why: expect.stringContaining('lost-file is under way') },
    ])
    expect(session.events().filter(({ event }) => event.kind === 'drill-started')).toHaveLength(1)
  })

  it('puts the world back when a script fails, the fault does not show, or something else is wrong', async () => {
    const failing = await start(async (script, world, options) => {
      options.onOutput('rm: no\n')
      return (await honest(script, world, options)) + (script.startsWith('rm') ? 1 : 0)
    })
    expect(await failing.dispatch({ kind: 'drill', drill: DRILL })).toEqual({
      ok: false,
      why: 'the drill lost-file cannot begin: lab/drills/lost-file/drill.md:19 ended with exit code 1: rm: no\nThe world was put back to what it was before.',
    })
    expect([...failing.world.files.keys()]).toEqual(['greeting.txt'])
    const idle = await start(async () => 0)
    const broken = await start(honest)
    broken.world.files.clear()
    for (const [{ session, clock, dispatch }, why] of [
      [idle, 'its fault does not show'],
      [broken, 'something else is wrong already. Expected: a greeting. Found: silence'],
    ] as const) {
      let outcome: unknown
      void dispatch({ kind: 'drill', drill: DRILL }).then((ended) => {
        outcome = ended
      })
      while (outcome === undefined) await clock.advance(10_000)
      expect(outcome).toMatchObject({ ok: false, why: expect.stringContaining(why) })
      expect(activeDrill(session.state())).toBeUndefined()
    }
  })
})
