import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { unlessAborted } from './time-limit.ts'

const unheard: unknown[] = []
const listen = (reason: unknown) => unheard.push(reason)
afterEach(() => process.off('unhandledRejection', listen))

it('lets go of work whose signal is aborted, before or meanwhile, and hears that it fails', async () => {
  process.on('unhandledRejection', listen)
  for (const early of [true, false]) {
    const ending = new AbortController()
    if (early) ending.abort(new Error('ending'))
    let fail: (error: Error) => void = () => {}
    const work = new Promise<never>((_, reject) => {
      fail = reject
    })
    const left = unlessAborted(work, ending.signal)
    ending.abort(new Error('ending'))
    await expect(left).rejects.toThrow('ending')
    fail(new Error('the world is gone'))
    await setImmediate()
  }
  expect(unheard).toEqual([])
})
