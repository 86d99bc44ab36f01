import { afterEach, expect, it } from 'vitest'
import { tasksOf } from '../engine/outline.ts'
import type { Session } from '../engine/session.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { DemoDriver } from './demo.ts'

let session: Session
afterEach(() => session.close())

it('types 30 frames a second, however late each comes, and goes on when the clock is set back', async () => {
  let now = 1_000_000
  let due: { readonly ms: number; fire(): void } | undefined
  const clock = {
    now: () => now,
    setTimeout(fire: () => void, ms: number) {
      due = { ms, fire }
      return { cancel: () => {} }
    },
  }
  session = sessionOf(await fixtureCourse(), fakeEnvironment())
  const keys = tasksOf(session.state().outline).map(({ key }) => key)
  const options = { keys, auto: false, speed: 0.01, pause: 0, limit: 1, grace: 1 }
  const demo = new DemoDriver(options, { clock, runOwn: () => ({ end: async () => {} }) })
  demo.attach(session)
  demo.send({ kind: 'key', key: 'next' })
  const frame = () => {
    const { ms, fire } = due as NonNullable<typeof due>
    now += Math.ceil(ms) + 3
    fire()
    return ms
  }
  frame()
  const begin = now
  for (let frames = 0; frames < 30; frames++) frame()
  expect(now - begin).toBeLessThanOrEqual(1003)
  expect(now - begin).toBeGreaterThan(990)
  now -= 3_600_000
  frame()
  expect(due?.ms).toBeLessThanOrEqual(34)
  await demo.close()
})
