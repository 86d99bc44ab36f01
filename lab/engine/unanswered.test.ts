import { beforeAll, describe, expect, it } from 'vitest'
import { fixtureCourse } from '../testing/fixture.ts'
import type { Event } from './events.ts'
import { outlineOf } from './outline.ts'
import { reduce } from './reduce.ts'
import { initialState, type State } from './state.ts'
import { unansweredSince } from './unanswered.ts'
import { blocked, pending, type Verdict } from './verdict.ts'

let initial: State
beforeAll(async () => {
  initial = initialState(outlineOf(await fixtureCourse()))
})

const stateOf = (...events: readonly [number, Event][]): State =>
  events.reduce((state, [at, event], seq) => reduce(state, { seq, at, event }), initial)
const entered: Event = { kind: 'task-entered', task: 'files/greet' }
const says = (verdict: Verdict): Event => ({
  kind: 'checked',
  task: 'files/greet',
  results: { 'the file greets': { verdict } },
})
const no = (found: string) => says(blocked({ expected: 'a', found, next: 'c' }))
const began: Event = { kind: 'action-started', task: 'files/greet', action: 'greet', run: 1 }
const ended: Event = { kind: 'action-ended', task: 'files/greet', action: 'greet', run: 1, outcome: 'ok', code: 0 }
const MINUTE = 60_000

describe('unansweredSince', () => {
  const table: [string, () => State, number, number | undefined][] = [
    ['nothing is entered', () => initial, 9 * MINUTE, undefined],
    ['no check was asked', () => stateOf([0, entered]), 9 * MINUTE, undefined],
    ['too early to tell', () => stateOf([0, entered], [1000, no('b')]), 90_999, undefined],
    ['long enough since the verdict', () => stateOf([0, entered], [1000, no('b')]), 91_000, 1000],
    ['a new verdict came', () => stateOf([0, entered], [0, no('b')], [MINUTE, no('x')]), 2 * MINUTE, undefined],
    ['a command ended', () => stateOf([0, entered], [0, no('b')], [0, began], [MINUTE, ended]), 2 * MINUTE, undefined],
    [
      'a command ended long ago',
      () => stateOf([0, entered], [0, no('b')], [0, began], [MINUTE, ended]),
      3 * MINUTE,
      MINUTE,
    ],
    ['a command runs', () => stateOf([0, entered], [0, no('b')], [0, began]), 9 * MINUTE, undefined],
    [
      'somebody else acts next',
      () => stateOf([0, entered], [0, says(pending({ expected: 'a', found: 'b', actor: 'Courier' }))]),
      9 * MINUTE,
      undefined,
    ],
    [
      'it has passed',
      () => stateOf([0, entered], [0, no('b')], [0, { kind: 'task-passed', task: 'files/greet', evidence: [] }]),
      9 * MINUTE,
      undefined,
    ],
    ['the clock was set back', () => stateOf([9 * MINUTE, entered], [9 * MINUTE, no('b')]), 0, undefined],
  ]
  it.each(table)('%s', (_, state, now, expected) => expect(unansweredSince(state(), { now, from: 0 })).toBe(expected))

  it('counts from when the learner came back', () => {
    const state = stateOf([0, entered], [0, no('b')])
    expect(unansweredSince(state, { now: 9 * MINUTE, from: 8 * MINUTE })).toBeUndefined()
    expect(unansweredSince(state, { now: 9 * MINUTE, from: 7 * MINUTE })).toBe(7 * MINUTE)
  })
})
