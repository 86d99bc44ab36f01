import { expect, it } from 'vitest'
import { ManualClock } from '../../sandbox/core/clock.ts'
import { Store } from './store.ts'

const storeOf = (clock: ManualClock) => {
  const store = new Store(0, clock)
  const seen: number[] = []
  store.subscribe(() => seen.push(store.snapshot()))
  return { store, seen }
}

it('publishes at once after a pause, and what came in between when the next frame is due', async () => {
  const clock = new ManualClock()
  const { store, seen } = storeOf(clock)
  store.set(1)
  store.set(2)
  store.set(3)
  expect(seen).toEqual([1])
  expect(store.value).toBe(3)
  await clock.advance(33)
  expect(seen).toEqual([1, 3])
})

it('publishes no more than 30 times a second', async () => {
  const clock = new ManualClock()
  const { store, seen } = storeOf(clock)
  for (let at = 1; at <= 1000; at++) {
    store.set(at)
    await clock.advance(1)
  }
  expect(seen.length).toBeGreaterThan(25)
  expect(seen.length).toBeLessThan(33)
})

it('is not stopped by a clock that is set back', () => {
  const clock = new ManualClock()
  const { store, seen } = storeOf(clock)
  store.set(1)
  Object.assign(clock, { current: clock.now() - 3_600_000 })
  store.set(2)
  expect(seen).toEqual([1, 2])
})
