import { beforeAll, describe, expect, it } from 'vitest'
import { drilledCourse, fixtureCourse } from '../testing/fixture.ts'
import type { Event } from './events.ts'
import { type Offer, offerOf } from './offer.ts'
import { outlineOf } from './outline.ts'
import { reduce } from './reduce.ts'
import { initialState, type State } from './state.ts'
import { unansweredSince } from './unanswered.ts'
import { blocked, passed, pending, type Verdict } from './verdict.ts'

let initial: State
beforeAll(async () => {
  initial = initialState(outlineOf(await fixtureCourse()))
})

/** The state after events that happen a second apart, the first at 1000. */
const stateOf = (...events: readonly Event[]): State =>
  [{ kind: 'session-started', version: '1', course: 'x' } satisfies Event, ...events].reduce<State>(
    (state, event, at) => reduce(state, { seq: at + 1, at: at * 1000, event }),
    initial,
  )
const entered = (task: string): Event => ({ kind: 'task-entered', task })
const checked = (task: string, check: string, verdict: Verdict): Event => ({
  kind: 'checked',
  task,
  results: { [check]: { verdict } },
})
const began = (task: string, action: string): Event => ({ kind: 'action-started', task, action, run: 1 })
const ended = (task: string, action: string, outcome: 'ok' | 'failed' | 'cancelled'): Event => ({
  kind: 'action-ended',
  task,
  action,
  run: 1,
  outcome,
  code: 0,
})
const ran = (task: string, action: string) => [began(task, action), ended(task, action, 'ok')]
const greets = (verdict: Verdict) => checked('files/greet', 'the file greets', verdict)
const no = blocked({ expected: 'a', found: 'b', next: 'c' })
const later = pending({ expected: 'a', found: 'b', actor: 'Courier', on: 'the parcel', until: 9000 })
const wait = {
  kind: 'wait',
  task: 'files/greet',
  check: 'the file greets',
  actor: 'Courier',
  on: 'the parcel',
  until: 9000,
}
const lab: Offer = { kind: 'wait', actor: 'gitops-lab' }
const greet = { task: 'files/greet', action: 'greet' }

describe('the offer', () => {
  const table: [string, () => State, unknown][] = [
    ['nothing is entered yet', () => stateOf(), lab],
    ['the next action', () => stateOf(entered('files/greet')), { kind: 'run', ...greet }],
    ['an edit', () => stateOf(entered('files/edit')), { kind: 'edit', task: 'files/edit', action: 'edit-1' }],
    ['a file', () => stateOf(entered('delivery/ask')), { kind: 'write', task: 'delivery/ask', action: 'ask-1' }],
    ['blocked before the action ran', () => stateOf(entered('files/greet'), greets(no)), { kind: 'run', ...greet }],
    [
      'a command runs',
      () => stateOf(entered('files/greet'), began('files/greet', 'greet')),
      { kind: 'running', ...greet, run: 1, since: 2000 },
    ],
    [
      'a command of an earlier task still runs',
      () => stateOf(began('files/tools', 'tools-1'), entered('files/greet')),
      { kind: 'running', task: 'files/tools', action: 'tools-1', run: 1, since: 1000 },
    ],
    [
      'a command failed',
      () => stateOf(entered('files/greet'), began('files/greet', 'greet'), ended('files/greet', 'greet', 'failed')),
      { kind: 'retry', ...greet },
    ],
    [
      'a command was cancelled',
      () => stateOf(entered('files/greet'), began('files/greet', 'greet'), ended('files/greet', 'greet', 'cancelled')),
      { kind: 'retry', ...greet },
    ],
    [
      'a command was cut off by the end of the background process',
      () =>
        stateOf(entered('files/greet'), began('files/greet', 'greet'), {
          kind: 'session-started',
          version: '1',
          course: 'x',
        }),
      { kind: 'retry', ...greet },
    ],
    [
      'all ran, no check was asked',
      () => stateOf(entered('files/greet'), ...ran('files/greet', 'greet')),
      { ...lab, task: 'files/greet' },
    ],
    [
      'all ran, somebody acts',
      () => stateOf(entered('files/greet'), ...ran('files/greet', 'greet'), greets(later)),
      wait,
    ],
    [
      'all ran, the learner has to act',
      () => stateOf(entered('files/greet'), greets(no), ...ran('files/greet', 'greet')),
      { kind: 'act', task: 'files/greet', check: 'the file greets', since: 4000 },
    ],
    [
      'all ran, a check is broken',
      () => stateOf(entered('files/greet'), ...ran('files/greet', 'greet'), greets({ kind: 'broken', message: 'x' })),
      { kind: 'act', task: 'files/greet', check: 'the file greets', since: 4000 },
    ],
    [
      'somebody acts on what was typed elsewhere',
      () => stateOf(entered('files/greet'), greets(later)),
      { ...wait, action: 'greet' },
    ],
    [
      'a look with a command',
      () => stateOf(entered('files/look')),
      { kind: 'run', task: 'files/look', action: 'look-1' },
    ],
    [
      'a look whose command ran',
      () => stateOf(entered('files/look'), ...ran('files/look', 'look-1')),
      { kind: 'next', task: 'files/look' },
    ],
    [
      'a requirement that holds is about to pass',
      () =>
        stateOf(
          entered('files/tools'),
          ...ran('files/tools', 'tools-1'),
          checked('files/tools', 'bash is there', passed()),
        ),
      { ...lab, task: 'files/tools' },
    ],
    [
      'the task passed, the next one is not entered',
      () => stateOf(entered('files/tools'), { kind: 'task-passed', task: 'files/tools', evidence: [] }),
      lab,
    ],
    [
      'the course is finished',
      () =>
        stateOf(
          entered('delivery/refuse'),
          { kind: 'task-passed', task: 'delivery/refuse', evidence: [] },
          { kind: 'finished' },
        ),
      { kind: 'finished' },
    ],
  ]
  it.each(table)('%s', (_, state, expected) => expect(offerOf(state())).toEqual(expected))

  it('is the drill while one is under way', async () => {
    const outline = outlineOf(await drilledCourse())
    const drill = outline.drills[0]?.id ?? ''
    const play = (events: readonly Event[]) =>
      events.reduce((before, event, seq) => reduce(before, { seq, at: 0, event }), initialState(outline))
    const before = [entered('files/greet'), greets(no)]
    const during = play([...before, { kind: 'drill-started', drill }, { kind: 'drill-injected', drill }])
    expect(unansweredSince(play(before), { now: 9_999_999, from: 0 })).toBe(0)
    expect(unansweredSince(during, { now: 9_999_999, from: 0 })).toBeUndefined()
    expect(offerOf(during)).toEqual({ kind: 'drill', drill })
  })
})
