import { describe, expect, it } from 'vitest'
import { ManualClock } from '../sandbox/core/clock.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import type { Chain, ReadChain } from './chain.ts'
import { ChainReader } from './chain-reader.ts'
import type { Lab } from './ports.ts'

function reader(read: ReadChain | undefined) {
  const clock = new ManualClock()
  const signals: AbortSignal[] = []
  const chain = new ChainReader({
    read,
    clock,
    signal: new AbortController().signal,
    labFor: (signal) => {
      signals.push(signal)
      return { signal } as Lab
    },
  })
  return { chain, clock, signals }
}
const link = { id: 'a', title: 'A', state: 'done' } as const

describe('a chain reader', () => {
  it('reads once for all who ask at the same time, and again when something changed', async () => {
    let reads = 0
    const { chain, clock } = reader(async () => ({ links: [{ ...link, what: String(++reads) }] }))
    const what = async () => (await chain.ask())?.links[0]?.what
    expect(await Promise.all([what(), what(), what()])).toEqual(['1', '1', '1'])
    chain.changed()
    expect(await what()).toBe('1')
    await clock.advance(1000)
    expect(await what()).toBe('2')
    await clock.advance(4000)
    expect(await what()).toBe('2')
    await clock.advance(1000)
    expect(await what()).toBe('3')
  })

  it('notices a change that came while it read', async () => {
    let reads = 0
    let finish = () => {}
    const { chain, clock } = reader(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return { links: [{ ...link, what: String(++reads) }] }
    })
    const first = chain.ask()
    await clock.advance(0)
    await new Promise(setImmediate)
    chain.changed()
    finish()
    await first
    await clock.advance(1000)
    const second = chain.ask()
    await new Promise(setImmediate)
    finish()
    expect((await second)?.links[0]?.what).toBe('2')
  })

  it.each<[string, ReadChain, string]>([
    ['throws', () => Promise.reject(new Error('no such project')), 'no such project'],
    [
      'throws at once',
      () => {
        throw new Error('at once')
      },
      'at once',
    ],
    ['answers nonsense', async () => ({ links: [{ id: 'a' }] }) as unknown as Chain, 'chain.ts has to return'],
    ['answers nothing', async () => undefined as unknown as Chain, 'chain.ts has to return'],
  ])('tells of a chain.ts that %s', async (_, read, problem) => {
    const { chain } = reader(read)
    expect(await chain.ask()).toEqual({ links: [], problem: expect.stringContaining(problem) })
  })

  it('gives up on a chain.ts that does not answer, and tells it so', async () => {
    const { chain, clock, signals } = reader(() => new Promise(() => {}))
    const asked = chain.ask()
    await new Promise(setImmediate)
    await clock.advance(10_000)
    expect(await asked).toEqual({ links: [], problem: 'chain.ts did not answer within 10 s' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('has nothing to say of a course without one', async () => {
    expect(await reader(undefined).chain.ask()).toBeUndefined()
  })

  it('answers through a session', async () => {
    const clock = new ManualClock()
    const world = fakeEnvironment()
    const course = await fixtureCourse()
    const session = sessionOf(course, world, { clock })
    const second = async () => (await session.ask('chain'))?.links[1]
    expect(await second()).toEqual({ id: 'parcel', title: 'Parcel', state: 'unknown' })
    await session.dispatch({ kind: 'run', task: 'delivery/ask', action: 'ask-1' })
    await clock.advance(1000)
    expect(await second()).toMatchObject({ state: 'waiting', actor: 'Courier', action: 'bring it', due: 60_000 })
    await session.close()
  })
})
