import { expect, it } from 'vitest'
import type { Course } from '../engine/course.ts'
import type { Recorded } from '../engine/events.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import { drilledCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { proveDrills } from './drills.ts'

async function proofsOf(change: (course: Course) => Course, repaired = true) {
  const course = change(await drilledCourse())
  const world = fakeEnvironment({
    run: async (script, { files }) => {
      if (script.startsWith('rm')) files.delete('greeting.txt')
      if (script.startsWith('echo') && repaired) files.set('greeting.txt', 'hello')
      return script.startsWith('echo') && !repaired ? 1 : 0
    },
  })
  world.files.set('greeting.txt', 'hello')
  const tasks = course.steps.flatMap((step) => step.tasks.map(({ id }) => `${step.slug}/${id}`))
  const past = tasks.map(
    (task, at): Recorded => ({ seq: at + 1, at: 0, event: { kind: 'task-passed', task, evidence: [] } }),
  )
  const session = sessionOf(course, world, { past })
  const ports = {
    repair: async (script: string) => {
      const { code } = await world.run(script, { signal: new AbortController().signal, onOutput: () => {} })
      return code
    },
    wait: (key: string) => session.dispatch({ kind: 'check', tasks: [key] }),
  }
  const proofs = await proveDrills(session, course, ports, () => {})
  await session.close()
  return proofs.flatMap(({ task, problems }) => [task, ...problems])
}

it('proves a drill whose checks fail with the fault and pass after the repair', async () => {
  expect(await proofsOf((course) => course)).toEqual(['drill/lost-file'])
})

it('finds a repair that repairs nothing', async () => {
  expect(await proofsOf((course) => course, false)).toEqual([
    'drill/lost-file',
    'lab/drills/lost-file/drill.md:1: the repair in line 25 ended with exit code 1',
    'lab/drills/lost-file/drill.md:1: after its repair, "somebody greets" is blocked: silence',
  ])
})

it('finds a drill that cannot begin', async () => {
  const needy = (course: Course): Course => ({
    ...course,
    drills: course.drills.map((drill) => ({ ...drill, needs: 'files/none' })),
  })
  expect((await proofsOf(needy))[1]).toContain('needs files/none, which has not passed')
})
