import { expect, it } from 'vitest'
import { beginDemo, type Demo } from './demo-state.ts'
import { paceOf } from './pace.ts'
import { initialState, type State } from './state.ts'

const step = (number: number, ids: readonly string[], minutes: number) => ({
  number,
  name: `${number}-s`,
  slug: `s${number}`,
  title: 'S',
  minutes,
  goal: '',
  learnt: [],
  tasks: ids.map((id) => ({ key: id, id, title: id, kind: 'act' as const, actions: [], checks: [], hints: [] })),
})
const FRESH = initialState({
  title: 't',
  drills: [],
  steps: [step(1, ['a'], 9), step(2, ['b', 'c'], 4), step(3, ['d'], 1)],
})
const passed = { actions: {}, checks: {}, hints: 0, passed: { at: 0, evidence: [] } }
/** `a` was done before the demo began. */
const STATE: State = { ...FRESH, tasks: { a: passed } }
const OPTIONS = { auto: false, speed: 1, pause: 0, keys: ['a', 'b', 'c', 'd'], limit: 0, grace: 0 }
const demo = (shown: Demo['shown'], task: string): Demo => ({ ...beginDemo(OPTIONS, 0), shown, task })
const minutes = (count: number) => count * 60_000

it('plans for what is shown, and not for what was done before', () => {
  const pace = paceOf(demo({ b: { from: 0 } }, 'b'), STATE, minutes(1))
  expect(pace.steps.map(({ step: { number }, planned, now }) => [number, planned, now])).toEqual([
    [2, minutes(4), true],
    [3, minutes(1), false],
  ])
  expect(pace).toMatchObject({ planned: minutes(5), elapsed: minutes(1) })
})

it.each<[string, Demo['shown'], string, number, number]>([
  ['level while the first task has time', { b: { from: 0 } }, 'b', 2, 0],
  ['behind when its time is over', { b: { from: 0 } }, 'b', 3, -1],
  ['ahead after a task that was quick', { b: { from: 0, to: minutes(0.5) }, c: { from: minutes(0.5) } }, 'c', 1, 1.5],
  ['behind after one that was slow', { b: { from: 0, to: minutes(5) }, c: { from: minutes(5) } }, 'c', 6, -3],
])('%s', (_, shown, task, time, ahead) => {
  expect(paceOf(demo(shown, task), { ...STATE, tasks: { ...STATE.tasks, b: passed } }, minutes(time)).ahead).toBe(
    minutes(ahead),
  )
})
