import { beforeAll, describe, expect, it } from 'vitest'
import { fixtureCourse } from '../testing/fixture.ts'
import { consequences, decide, type Effect, validIntents } from './decide.ts'
import type { Event } from './events.ts'
import type { Intent } from './intents.ts'
import { outlineOf } from './outline.ts'
import { reduce } from './reduce.ts'
import { initialState, type State } from './state.ts'
import { blocked, passed, type Verdict } from './verdict.ts'

let initial: State
beforeAll(async () => {
  initial = initialState(outlineOf(await fixtureCourse()))
})

const started: Event = { kind: 'session-started', version: '1', course: 'A lab for tests' }
const stateOf = (...events: readonly Event[]): State =>
  [started, ...events].reduce((state, event, at) => reduce(state, { seq: at + 1, at: at * 1000, event }), initial)
const entered = (task: string): Event => ({ kind: 'task-entered', task })
const taskPassed = (task: string): Event => ({ kind: 'task-passed', task, evidence: [] })
const checked = (task: string, check: string, verdict: Verdict): Event => ({
  kind: 'checked',
  task,
  results: { [check]: { verdict } },
})
const ran = (task: string, action: string, run: number): Event => ({ kind: 'action-started', task, action, run })
const ended = (task: string, action: string, run: number): Event => ({
  kind: 'action-ended',
  task,
  action,
  run,
  outcome: 'ok',
  code: 0,
})
const no = blocked({ expected: 'a', found: 'b', next: 'c' })
const why = (state: State, intent: Intent) => {
  const decision = decide(state, intent)
  return decision.ok ? decision.effects.map(({ kind }) => kind) : decision.why
}
const events = (effects: readonly Effect[]) =>
  effects.map((effect) =>
    effect.kind === 'record' ? `${effect.event.kind} ${'task' in effect.event ? effect.event.task : ''}` : effect.kind,
  )

describe('decide', () => {
  it('runs an action under a number of its own', () => {
    const decision = decide(stateOf(ran('files/tools', 'tools-1', 4), ended('files/tools', 'tools-1', 4)), {
      kind: 'run',
      task: 'files/greet',
      action: 'greet',
    })
    expect(decision).toEqual({
      ok: true,
      effects: [
        { kind: 'record', event: ran('files/greet', 'greet', 5) },
        { kind: 'perform', task: 'files/greet', action: 'greet', run: 5 },
      ],
    })
  })

  const table: [string, () => State, Intent, unknown][] = [
    ['an unknown task', () => stateOf(), { kind: 'run', task: 'x/y', action: 'z' }, 'the course has no task "x/y"'],
    [
      'an unknown action',
      () => stateOf(),
      { kind: 'run', task: 'files/greet', action: 'z' },
      'files/greet has no action "z"',
    ],
    [
      'a second command in the foreground',
      () => stateOf(ran('files/tools', 'tools-1', 1)),
      { kind: 'run', task: 'files/greet', action: 'greet' },
      'files/tools is running a command: wait for it, or cancel it',
    ],
    [
      'what runs already',
      () => stateOf(ran('files/tools', 'tools-1', 1)),
      { kind: 'run', task: 'files/tools', action: 'tools-1' },
      'files/tools tools-1 is running already',
    ],
    ['cancelling nothing', () => stateOf(), { kind: 'cancel' }, 'nothing is running that could be cancelled'],
    ['cancelling the foreground', () => stateOf(ran('files/tools', 'tools-1', 1)), { kind: 'cancel' }, ['cancel']],
    [
      'going on from a task with checks',
      () => stateOf(entered('files/greet')),
      { kind: 'next' },
      '"Greet" is not done yet: `gitops-lab why` says what is missing',
    ],
    ['going on from a look', () => stateOf(entered('files/look')), { kind: 'next' }, ['record']],
    [
      'entering a passed task',
      () => stateOf(taskPassed('files/tools')),
      { kind: 'enter', task: 'files/tools' },
      'files/tools has passed already',
    ],
    ['entering the current task', () => stateOf(entered('files/greet')), { kind: 'enter', task: 'files/greet' }, []],
    ['a hint too many', () => stateOf(), { kind: 'hint', task: 'files/tools' }, 'files/tools has no further hint'],
    ['a hint', () => stateOf(), { kind: 'hint', task: 'files/greet' }, ['record']],
    [
      'a snapshot with a bad name',
      () => stateOf(),
      { kind: 'snapshot', name: '../x' },
      '"../x" is no name for a snapshot: letters, digits, ".", "_" and "-", at most 63',
    ],
    [
      'a snapshot while a command runs',
      () => stateOf(ran('files/tools', 'tools-1', 1)),
      { kind: 'snapshot', name: 'x' },
      'files/tools is running a command: wait for it, or cancel it',
    ],
    [
      'an edit made by hand',
      () => stateOf(),
      { kind: 'made', task: 'files/edit', action: 'edit-1' },
      ['record', 'record'],
    ],
    [
      'a command made by hand',
      () => stateOf(),
      { kind: 'made', task: 'files/greet', action: 'greet' },
      'files/greet has no edit "greet"',
    ],
    ['an unknown intent', () => stateOf(), { kind: 'dance' } as unknown as Intent, 'unknown intent {"kind":"dance"}'],
  ]
  it.each(table)('%s', (_, state, intent, expected) => expect(why(state(), intent)).toEqual(expected))

  it('checks a passed task again only when told to', () => {
    const state = stateOf(taskPassed('files/tools'))
    const tasks = ['files/tools', 'files/greet']
    expect(decide(state, { kind: 'check', tasks })).toEqual({
      ok: true,
      effects: [{ kind: 'evaluate', tasks: ['files/greet'] }],
    })
    expect(decide(state, { kind: 'check', tasks, now: true })).toEqual({
      ok: true,
      effects: [{ kind: 'evaluate', tasks }],
    })
  })
})

describe('consequences', () => {
  const greets = 'the file greets'
  const worlds = 'the file greets the world'
  const table: [string, () => State, string[]][] = [
    ['nothing before the session started', () => initial, []],
    ['the first task is entered', () => stateOf(), ['task-entered files/tools']],
    [
      'a blocked check holds the task',
      () => stateOf(entered('files/tools'), checked('files/tools', 'bash is there', no)),
      [],
    ],
    [
      'a task passes with its checks',
      () => stateOf(entered('files/tools'), checked('files/tools', 'bash is there', passed('5.2'))),
      ['task-passed files/tools'],
    ],
    [
      'the next one is entered',
      () => stateOf(entered('files/tools'), taskPassed('files/tools')),
      ['task-entered files/greet'],
    ],
    ['the probe starts with its task', () => stateOf(entered('files/greet')), ['probe']],
    [
      'the probe stops when its task is left before it passed',
      () => stateOf(entered('files/greet'), { kind: 'probe-started' }, entered('files/tools')),
      ['probe'],
    ],
    ['a probe that runs is left', () => stateOf(entered('files/greet'), { kind: 'probe-started' }), []],
    [
      'the probe starts again in a new background process',
      () => stateOf(entered('files/greet'), { kind: 'probe-started' }, started),
      ['probe'],
    ],
    [
      'what came after a look passes the look',
      () => stateOf({ kind: 'probe-started' }, entered('files/look'), checked('files/edit', worlds, passed())),
      ['task-passed files/look', 'task-passed files/edit'],
    ],
    [
      'a look passes when its command ran',
      () => stateOf(entered('files/look'), ran('files/look', 'look-1', 1), ended('files/look', 'look-1', 1)),
      ['task-passed files/look'],
    ],
    [
      'a verdict from before its turn does not count',
      () =>
        stateOf(
          entered('files/tools'),
          checked('files/greet', greets, passed()),
          taskPassed('files/tools'),
          entered('files/greet'),
          { kind: 'probe-started' },
        ),
      [],
    ],
  ]
  it.each(table)('%s', (_, state, expected) => expect(events(consequences(state()))).toEqual(expected))

  it('ends when everything passed', () => {
    let state = stateOf()
    for (let turns = 0; turns < 100; turns++) {
      const [effect] = consequences(state)
      if (!effect) break
      const task = state.current ?? ''
      const event: Event =
        effect.kind === 'record'
          ? effect.event
          : { kind: effect.kind === 'probe' && effect.command === 'start' ? 'probe-started' : 'probe-stopped' }
      state = reduce(state, { seq: turns, at: turns, event })
      if (event.kind === 'task-entered')
        state = reduce(state, { seq: turns, at: turns, event: taskPassed(state.current ?? task) })
    }
    expect(state.finishedAt).toBeGreaterThan(0)
    expect(consequences(state)).toEqual([])
  })
})

describe('reduce', () => {
  it('keeps what a seen check saw, and only while it counted', async () => {
    const course = await fixtureCourse()
    const [step] = course.steps
    const tasks = step!.tasks.map((task) => ({
      ...task,
      checks: task.checks.map((check) => ({ ...check, mode: 'seen' as const })),
    }))
    const seen = initialState(outlineOf({ ...course, steps: [{ ...step!, tasks }] }))
    const play = (...list: Event[]) =>
      [started, ...list].reduce((state, event, at) => reduce(state, { seq: at, at, event }), seen)
    const drift = [
      checked('files/greet', 'the file greets', passed('it came')),
      checked('files/greet', 'the file greets', no),
    ]
    expect(events(consequences(play(entered('files/greet'), { kind: 'probe-started' }, ...drift)))).toEqual([
      'task-passed files/greet',
    ])
    expect(events(consequences(play(entered('files/tools'), ...drift)))).toEqual([])
  })

  it('brings back the progress that was saved with a snapshot', () => {
    const saved = stateOf(entered('files/tools'), taskPassed('files/tools'), { kind: 'snapshot-taken', name: 's' })
    const later = [entered('files/greet'), taskPassed('files/greet'), { kind: 'snapshot-restored', name: 's' } as const]
    const restored = later.reduce<State>((state, event) => reduce(state, { seq: 9, at: 9, event }), saved)
    expect(restored).toEqual(saved)
  })

  it('marks what ran under a dead background process as interrupted', () => {
    const state = stateOf(ran('files/tools', 'tools-1', 1), started)
    expect(state.running).toEqual([])
    expect(state.tasks['files/tools']?.actions['tools-1']?.ended?.outcome).toBe('interrupted')
  })

  it('keeps when and with what a task passed first', () => {
    const state = stateOf(taskPassed('files/tools'), {
      kind: 'task-passed',
      task: 'files/tools',
      evidence: [{ check: 'later' }],
    })
    expect(state.tasks['files/tools']?.passed).toEqual({ at: 1000, evidence: [] })
  })
})

describe('validIntents', () => {
  it('offers what would be carried out', () => {
    const kinds = (state: State) => validIntents(state).map(({ kind }) => kind)
    expect(kinds(stateOf(entered('files/greet')))).toEqual(['run', 'check', 'hint', 'nudge'])
    expect(kinds(stateOf(entered('files/look')))).toEqual(['run', 'check', 'next', 'nudge'])
    expect(kinds(stateOf(entered('files/greet'), ran('files/greet', 'greet', 1)))).toEqual([
      'check',
      'hint',
      'cancel',
      'nudge',
    ])
  })
})
