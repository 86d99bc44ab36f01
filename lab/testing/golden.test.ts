import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Recorded } from '../engine/events.ts'
import { outlineOf } from '../engine/outline.ts'
import { reduce } from '../engine/reduce.ts'
import { summaryOf } from '../engine/report.ts'
import { initialState } from '../engine/state.ts'
import { fixtureCourse } from './fixture.ts'

const golden = (name: string) => readFileSync(join(import.meta.dirname, 'golden', name), 'utf8')

it('a journal of a former run still leads to the state that it led to then', async () => {
  const [, ...past] = golden('journal.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)) as Recorded[]
  const state = past.reduce(reduce, initialState(outlineOf(await fixtureCourse())))
  const { outline: _, ...learned } = JSON.parse(JSON.stringify(state))
  expect(learned).toEqual(JSON.parse(golden('state.json')))
  expect(summaryOf(state)).toMatchObject({ steps: { passed: 2, total: 2 }, probe: { served: 10, lost: 0 } })
})
