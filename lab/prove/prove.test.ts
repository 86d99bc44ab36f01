import { expect, it } from 'vitest'
import { Session } from '../engine/session.ts'
import { ManualClock } from '../sandbox/core/clock.ts'
import { type FakeWorld, fakeEnvironment } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { prove } from './prove.ts'

async function proveWith(prepare: (world: FakeWorld) => void, failing?: string) {
  const world = fakeEnvironment()
  prepare(world)
  const session = new Session({
    course: await fixtureCourse(),
    environment: world,
    clock: new ManualClock(),
    journal: { append: () => {} },
    version: '1',
  })
  const play = async (key: string) => {
    const task = session
      .state()
      .outline.steps.flatMap(({ tasks }) => tasks)
      .find((candidate) => candidate.key === key)!
    if (key === failing) return 1
    for (const { id } of task.actions) await session.dispatch({ kind: 'run', task: key, action: id })
    await session.dispatch({ kind: 'check', tasks: [key] })
    await session.dispatch({ kind: 'nudge' })
    await session.dispatch({ kind: 'check', tasks: [key] })
    return 0
  }
  const proofs = await prove(session, play, () => {})
  await session.close()
  return proofs.map(({ task, problems }) => [task, ...problems])
}

it('proves a course whose checks fail before and pass after', async () => {
  expect(await proveWith(() => {})).toEqual([
    ['files/tools'],
    ['files/greet'],
    ['files/look'],
    ['files/edit'],
    ['delivery/ask'],
    ['delivery/refuse'],
  ])
})

it('finds an act whose checks pass before its commands', async () => {
  const proofs = await proveWith((world) => world.files.set('refused.txt', ''))
  expect(proofs.at(-1)).toEqual(['delivery/refuse', 'its checks pass before its commands ran'])
})

it('finds a task that does not pass after its commands, and ends there', async () => {
  expect((await proveWith(() => {}, 'files/greet')).at(-1)).toEqual([
    'files/greet',
    'after its commands, "the file greets" is blocked: no such file',
  ])
})
