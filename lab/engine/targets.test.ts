import { expect, it } from 'vitest'
import { fixtureCourse } from '../testing/fixture.ts'
import { outlineOf } from './outline.ts'
import { resolveTarget } from './targets.ts'

it.each([
  ['1', ['tools', 'greet', 'look', 'edit']],
  ['2-delivery', ['ask', 'refuse']],
  ['delivery/ask', ['ask']],
  ['delivry', 'unknown step "delivry"; did you mean "delivery"? (the steps are 1-files, 2-delivery)'],
  ['3', 'unknown step "3" (the steps are 1-files, 2-delivery)'],
  ['1/gret', '1-files has no task "gret"; did you mean "greet"? (its tasks are tools, greet, look, edit)'],
  ['1/greet/x', '1-files has no task "greet/x"; did you mean "greet"? (its tasks are tools, greet, look, edit)'],
])('%s', async (target, expected) => {
  const found = resolveTarget(outlineOf(await fixtureCourse()), target)
  expect(found.ok ? found.tasks.map(({ id }) => id) : found.why).toEqual(expected)
})
