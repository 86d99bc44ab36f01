import { describe, expect, it } from 'vitest'
import { advance } from './demo.ts'
import { beginDemo, type Demo, type DemoEffect, type DemoEvent, type DemoOptions, promptOf } from './demo-state.ts'
import { initialState, type State } from './state.ts'
import type { Verdict } from './verdict.ts'

const task = (id: string, kind: 'act' | 'require' | 'look', actions: readonly string[] = ['run']) => ({
  key: `s/${id}`,
  id,
  title: id,
  kind,
  actions: actions.map((name) => ({
    id: name,
    kind: 'run' as const,
    background: name === 'port',
    text: `echo ${name}`,
  })),
  checks: kind === 'look' ? [] : [{ name: 'c', mode: 'level' as const }],
  hints: [],
})
const TASKS = [task('tools', 'require'), task('make', 'act', ['port', 'run']), task('read', 'look', [])]
const FRESH = initialState({
  title: 't',
  drills: [],
  steps: [{ number: 1, name: '1-s', slug: 's', title: 'S', minutes: 1, goal: '', learnt: [], tasks: TASKS }],
})
const OPTIONS: DemoOptions = {
  auto: false,
  speed: 1,
  pause: 2000,
  keys: TASKS.map(({ key }) => key),
  limit: 60_000,
  grace: 5000,
}

/** A demo beside a lab that does what the test says. */
class Rig {
  demo: Demo
  state: State = { ...FRESH, current: 's/tools', startedAt: 0 }
  effects: DemoEffect[] = []
  now = 0

  constructor(options: Partial<DemoOptions> = {}) {
    this.demo = beginDemo({ ...OPTIONS, ...options }, 0)
  }

  send(event: DemoEvent): this {
    const { demo, effects } = advance(this.demo, event, this.state, this.now)
    this.demo = demo
    this.effects.push(...effects)
    return this
  }

  key(...keys: readonly Extract<DemoEvent, { kind: 'key' }>['key'][]): this {
    for (const key of keys) this.send({ kind: 'key', key })
    return this
  }

  pass(ms: number): this {
    for (let left = ms; left > 0; left -= 100) {
      this.now += Math.min(100, left)
      this.send({ kind: 'tick' })
    }
    return this
  }

  /** The latest command ends. */
  ends(id: string, key: string, outcome?: 'ok' | 'failed'): this {
    const run = this.state.lastRun + 1
    const ended = outcome && { at: 1, outcome, code: outcome === 'ok' ? 0 : 1 }
    return this.change(key, { actions: { ...this.state.tasks[key]?.actions, [id]: { run, startedAt: 0, ended } } }, run)
  }

  passes(key: string): this {
    return this.change(key, { passed: { at: 1, evidence: [] } })
  }

  says(key: string, verdict: Verdict): this {
    return this.change(key, { checks: { c: { verdict, at: this.now, counts: true } } })
  }

  take(kind: DemoEffect['kind']): readonly unknown[] {
    const taken = this.effects.filter((effect) => effect.kind === kind)
    this.effects = this.effects.filter((effect) => effect.kind !== kind)
    return taken.map((effect) => (effect.kind === 'dispatch' ? effect.intent : effect))
  }

  get phase(): string {
    return this.demo.phase.kind
  }

  private change(key: string, part: object, lastRun = this.state.lastRun): this {
    const before = this.state.tasks[key] ?? { actions: {}, checks: {}, hints: 0 }
    this.state = { ...this.state, lastRun, tasks: { ...this.state.tasks, [key]: { ...before, ...part } } }
    return this.send({ kind: 'tick' })
  }
}

const BLOCKED: Verdict = { kind: 'blocked', expected: 'a', found: 'b', next: 'c' }
const PENDING: Verdict = { kind: 'pending', expected: 'a', found: 'b', actor: 'Flux' }

const runs = (intent: unknown) => (intent as { kind: string }).kind === 'run'

describe('with keys', () => {
  it('types, waits for a key, runs, waits for the checks, and goes on at a key', () => {
    const rig = new Rig().pass(10_000)
    expect(rig.phase).toBe('welcome')
    rig.key('next')
    expect([rig.phase, rig.demo.task]).toEqual(['typing', 's/tools'])
    rig.pass(700)
    const { text = '' } = promptOf(rig.demo, rig.state) ?? {}
    expect('echo run'.startsWith(text) && text.length > 0 && text.length < 8).toBe(true)
    rig.pass(3000)
    expect(promptOf(rig.demo, rig.state)).toEqual({ kind: 'run', text: 'echo run', ready: true })
    rig.pass(60_000).take('dispatch')
    expect(rig.phase).toBe('typed')
    rig.key('next')
    expect(rig.take('dispatch')).toEqual([{ kind: 'run', task: 's/tools', action: 'run' }])
    rig.ends('run', 's/tools').pass(1000)
    expect(rig.phase).toBe('running')
    rig.state = { ...rig.state, lastRun: 0 }
    rig.ends('run', 's/tools', 'ok')
    expect(rig.phase).toBe('waiting')
    rig.passes('s/tools').pass(60_000)
    expect(rig.phase).toBe('done')
    rig.key('next')
    expect([rig.phase, rig.demo.task]).toEqual(['typing', 's/make'])
    expect(rig.demo.shown['s/tools']?.to).toBeGreaterThan(60_000)
  })

  it('types the second command while the first goes on in the background', () => {
    const rig = new Rig({ keys: ['s/make'] }).key('next', 'now').pass(300).key('next').ends('port', 's/make')
    expect(rig.demo.phase).toMatchObject({ kind: 'typing', action: 'run' })
  })

  it('goes from a task without commands straight to the next', () => {
    const rig = new Rig({ keys: ['s/read'] }).key('next').pass(9000)
    expect(rig.phase).toBe('reading')
    rig.key('next').passes('s/read')
    expect(rig.phase).toBe('finished')
    rig.key('next')
    expect(rig.demo.phase).toEqual({ kind: 'left', code: 0 })
  })

  it('lets two presenters press at once: a key more never runs what was not seen', () => {
    const rig = new Rig({ keys: ['s/make'] }).key('next').pass(400)
    for (const keys of [['next', 'next'], ['now', 'next'], ['next']] as const) rig.key(...keys)
    expect(rig.phase).toBe('typed')
    expect(rig.take('dispatch').filter(runs)).toHaveLength(0)
    rig.pass(300).key('next', 'next', 'next')
    expect(rig.take('dispatch').filter(runs)).toHaveLength(1)
  })

  it('types a command that failed again, when told', () => {
    const rig = new Rig({ keys: ['s/tools'] }).key('next', 'now').pass(300).key('next').ends('run', 's/tools', 'failed')
    expect(rig.phase).toBe('waiting')
    expect(rig.key('next').demo.phase).toMatchObject({ kind: 'typing', action: 'run' })
  })

  it('waits for the checks after a command that was refused', () => {
    const rig = new Rig({ keys: ['s/make'] })
      .key('next', 'now')
      .pass(300)
      .key('next')
      .send({ kind: 'refused', why: 'busy' })
    expect(rig.demo.phase).toMatchObject({ kind: 'waiting', failed: 'port' })
  })
})

describe('what holds it', () => {
  it.each([
    ['freeze', (rig: Rig) => rig.key('freeze'), (rig: Rig) => rig.key('freeze')],
    ['blank, which the next key ends', (rig: Rig) => rig.key('blank'), (rig: Rig) => rig.key('next')],
    [
      'looking elsewhere',
      (rig: Rig) => rig.send({ kind: 'looking', looking: true }).key('next'),
      (rig: Rig) => rig.send({ kind: 'looking', looking: false }),
    ],
    [
      'another demo that was started later',
      (rig: Rig) => rig.send({ kind: 'leads', leads: false }).key('next', 'take'),
      (rig: Rig) => rig.send({ kind: 'leads', leads: true }),
    ],
    ['taking over', (rig: Rig) => rig.key('take').key('next'), (rig: Rig) => rig.key('give')],
  ])('%s', (_, hold, release) => {
    const rig = new Rig().key('next').pass(600)
    hold(rig)
    const before = promptOf({ ...rig.demo, own: undefined }, rig.state)
    rig.pass(20_000)
    expect(promptOf({ ...rig.demo, own: undefined }, rig.state)).toEqual(before)
    release(rig)
    expect(rig.phase).toBe('typing')
    rig.pass(5000)
    expect(rig.phase).toBe('typed')
    expect(rig.demo.time).toBeGreaterThan(20_000)
  })
})

describe('a command of the presenter’s own', () => {
  it('runs in the same place; what it did counts when it is given back', () => {
    const rig = new Rig({ keys: ['s/make'] }).key('next').pass(300).key('take')
    rig.send({ kind: 'submit' }).send({ kind: 'edit', text: 'kubectl get pods' }).send({ kind: 'submit' })
    expect(rig.take('own')).toEqual([{ kind: 'own', script: 'kubectl get pods' }])
    rig.send({ kind: 'edit', text: 'nothing while it runs' }).send({ kind: 'submit' })
    expect(rig.take('own')).toEqual([])
    expect(rig.demo.own).toEqual({ text: 'kubectl get pods', running: true })
    rig.passes('s/make').send({ kind: 'own-ended' })
    expect([rig.demo.own?.text, rig.phase]).toEqual(['', 'typing'])
    rig.key('give')
    expect(rig.phase).toBe('done')
  })

  it('is ended by an interrupt, and when it is given back', () => {
    const own = () => new Rig().key('next', 'take').send({ kind: 'edit', text: 'yes' }).send({ kind: 'submit' })
    expect(own().send({ kind: 'interrupt' }).take('interrupt')).toHaveLength(1)
    expect(own().key('give').take('interrupt')).toHaveLength(1)
    expect(own().key('give').demo.own).toBeUndefined()
  })
})

describe('by itself', () => {
  it('goes to the end without a key, nudging what it waits for', () => {
    const rig = new Rig({ auto: true, keys: ['s/make', 's/read'] }).pass(2000)
    expect(rig.phase).toBe('typing')
    rig.pass(8000).ends('port', 's/make').pass(8000).ends('run', 's/make', 'ok').says('s/make', PENDING)
    rig.take('dispatch')
    rig.pass(4000)
    expect(rig.take('dispatch').filter((intent) => (intent as { kind: string }).kind === 'nudge')).toHaveLength(2)
    rig.passes('s/make').pass(2000)
    expect([rig.phase, rig.demo.task]).toEqual(['reading', 's/read'])
    rig.pass(2000).passes('s/read').pass(2100)
    expect(rig.demo.phase).toEqual({ kind: 'left', code: 0 })
  })

  it.each<[string, Verdict, number, string]>([
    ['blocked', BLOCKED, 1, '"tools" does not pass'],
    ['pending for ever', PENDING, 2, '"tools" did not pass within 60 s'],
    ['broken', { kind: 'broken', message: 'x' }, 3, '"tools" does not pass'],
  ])('stops with the verdict when a check stays %s', (_, verdict, code, why) => {
    const rig = new Rig({ auto: true, keys: ['s/tools'] })
      .pass(6000)
      .ends('run', 's/tools', 'ok')
      .says('s/tools', verdict)
    for (let turn = 0; turn < 700; turn++) {
      rig.pass(100)
      if (rig.demo.phase.kind === 'left') break
    }
    expect(rig.demo.phase).toEqual({ kind: 'left', code })
    expect(rig.demo.stopped).toBe(why)
  })

  it('cancels a command that does not end', () => {
    const rig = new Rig({ auto: true, keys: ['s/tools'] }).pass(6000).ends('run', 's/tools')
    rig.take('dispatch')
    rig.pass(70_000)
    expect(rig.take('dispatch')).toEqual([{ kind: 'cancel' }])
  })

  it('stops when the lab is gone', () => {
    const rig = new Rig({ auto: true }).pass(2000).send({ kind: 'gone', why: 'gone', code: 69 })
    expect(rig.demo.phase).toEqual({ kind: 'left', code: 69 })
  })
})

it('takes a clock that is set back, or far ahead, for no time at all', () => {
  const rig = new Rig().key('next').pass(300)
  const { time } = rig.demo
  rig.now -= 3_600_000
  rig.send({ kind: 'tick' })
  expect([rig.demo.time, rig.phase]).toEqual([time, 'typing'])
  rig.pass(5000)
  expect(rig.phase).toBe('typed')
  rig.now += 86_400_000
  rig.send({ kind: 'tick' })
  expect(rig.demo.time).toBeLessThan(10_000)
})

it('shows what holds by itself, but not what was done before', () => {
  const fresh = new Rig().passes('s/tools').key('next')
  expect(fresh.demo.task).toBe('s/tools')
  const later = new Rig().passes('s/tools').passes('s/make').key('next')
  expect(later.demo.task).toBe('s/read')
  const resumed = new Rig().ends('run', 's/tools', 'ok').passes('s/tools').key('next')
  expect(resumed.demo.task).toBe('s/make')
})
