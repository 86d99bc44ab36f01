import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.ts'

const label = { actor: 'Argo CD', subject: 'Application argocd/web', action: 'compare with Git' }

describe('ManualClock', () => {
  it('runs what falls due in order, and lets what they wake go on', async () => {
    const clock = new ManualClock(0)
    const seen: string[] = []
    clock.setTimeout(() => seen.push('late'), 20)
    clock.setTimeout(() => seen.push('early'), 10)
    void clock
      .sleep(10)
      .then(() => clock.sleep(5))
      .then(() => seen.push('woken'))
    await clock.advance(20)
    expect(seen).toEqual(['early', 'woken', 'late'])
    expect(clock.now()).toBe(20)
  })

  it('lists labelled timers only, the next one first, until they are over', async () => {
    const clock = new ManualClock(0)
    clock.setTimeout(() => {}, 5)
    const timer = clock.setTimeout(() => {}, 100, label)
    clock.setTimeout(() => {}, 50, { ...label, subject: 'Application argocd/other' })
    expect(clock.pending().map(({ due, subject }) => [due, subject])).toEqual([
      [50, 'Application argocd/other'],
      [100, 'Application argocd/web'],
    ])
    timer.cancel()
    await clock.advance(60)
    expect(clock.pending()).toEqual([])
  })

  it('ends a sleep whose signal is aborted', async () => {
    const clock = new ManualClock(0)
    const abort = new AbortController()
    const asleep = clock.sleep(1000, abort.signal, label)
    abort.abort(new Error('stopped'))
    await expect(asleep).rejects.toThrow('stopped')
    expect(clock.pending()).toEqual([])
  })
})
