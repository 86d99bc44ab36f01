import { afterEach, expect, it, vi } from 'vitest'
import { DemoDriver } from '../drivers/demo.ts'
import { tasksOf } from '../engine/outline.ts'
import type { Session } from '../engine/session.ts'
import type { OwnEvent } from '../engine/stage.ts'
import { systemClock } from '../sandbox/core/clock.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { runOwn } from './own-command.ts'

const PATIENCE = { timeout: 8000, interval: 10 }

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

let session: Session
afterEach(() => session.close())

it.each([
  ['that ends when it is told to', 'sleep 1000 & echo "pid $!"; wait', 'SIGTERM'],
  ['that does not', `trap '' TERM; sleep 1000 & echo "pid $!"; while :; do sleep 1; done`, 'SIGKILL'],
])('a command of the presenter’s own %s is over when the demo is closed', async (_, script, signal) => {
  session = sessionOf(await fixtureCourse(), fakeEnvironment())
  const clock = systemClock()
  const events: OwnEvent[] = []
  const keys = tasksOf(session.state().outline).map(({ key }) => key)
  const demo = new DemoDriver(
    { keys, auto: false, speed: 1, pause: 0, limit: 1, grace: 1 },
    { clock, runOwn: (_script, tell) => runOwn(script, tell, { cwd: '/', env: process.env, clock }) },
  )
  demo.start({ changed: () => {}, pressed: () => {}, own: (_run, event) => events.push(event) })
  demo.attach(session)
  demo.send({ kind: 'key', key: 'next' })
  demo.send({ kind: 'key', key: 'take' })
  demo.send({ kind: 'edit', text: script })
  demo.send({ kind: 'submit' })
  const printed = () => /pid (\d+)/.exec(events.map((event) => (event.kind === 'output' ? event.chunk : '')).join(''))
  await vi.waitFor(() => expect(printed()).not.toBeNull(), PATIENCE)
  await demo.close()
  // The whole group: a killed process is gone once the kernel says so, which its parent's end may precede.
  await vi.waitFor(() => expect(isGone(Number(printed()?.[1]))).toBe(true), PATIENCE)
  await vi.waitFor(() => expect(events.at(-1)?.kind).toBe('ended'), PATIENCE)
  expect(events.at(-1)).toMatchObject({ error: `ended by ${signal}` })
})
