import { expect, it } from 'vitest'
import { type FakeOptions, type FakeWorld, fakeEnvironment, fixtureScripts } from '../testing/fake-environment.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { sessionOf } from '../testing/session.ts'
import { prove } from './prove.ts'
import { syntaxProblems } from './syntax.ts'

type Setting = { readonly failing?: string; readonly run?: FakeOptions['run'] }

async function proveWith(prepare: (world: FakeWorld) => void, { failing, run }: Setting = {}) {
  const world = fakeEnvironment({ run })
  prepare(world)
  const course = await fixtureCourse()
  const session = sessionOf(course, world)
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
  const proofs = await prove(session, course, play, () => {})
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
  expect(proofs.at(-1)).toEqual([
    'delivery/refuse',
    'fixture-course/2-delivery/step.md:14: its checks pass before its commands ran',
  ])
})

it('finds a task that does not pass after its commands, and ends there', async () => {
  expect((await proveWith(() => {}, { failing: 'files/greet' })).at(-1)).toEqual([
    'files/greet',
    'fixture-course/1-files/step.md:16: after its commands, "the file greets" is blocked: no such file',
  ])
})

it('finds a command that does not print what the text shows', async () => {
  const proofs = await proveWith(() => {}, {
    run: async (script, world, options) =>
      fixtureScripts(script, world, {
        ...options,
        onOutput: (chunk) => options.onOutput(chunk.replace('hello', 'hi')),
      }),
  })
  expect(proofs).toContainEqual([
    'files/look',
    'fixture-course/1-files/step.md:41: expected "hello", the command printed "hi"',
  ])
})

it('finds a command that prints a secret', async () => {
  const proofs = await proveWith((world) => Object.assign(world.env, { LAB_TOKEN: 'very-secret' }), {
    run: async (script, world, options) => {
      if (script.startsWith('cat')) options.onOutput('hello very-secret\n')
      return fixtureScripts(script, world, { ...options, onOutput: () => {} })
    },
  })
  expect(proofs.find(([task]) => task === 'files/look')).toContain(
    'fixture-course/1-files/step.md:36: the command prints the secret $LAB_TOKEN',
  )
})

it('asks each shell about each command, and tells which shell is not there', async () => {
  const course = await fixtureCourse()
  const found = await syntaxProblems(course, async (shell, script) =>
    shell === 'zsh' ? { absent: true } : script.startsWith('cat') ? { error: 'no cats' } : {},
  )
  expect(found).toEqual({
    problems: [{ file: 'fixture-course/1-files/step.md', line: 36, message: 'bash cannot read this command: no cats' }],
    absent: ['zsh'],
  })
})
