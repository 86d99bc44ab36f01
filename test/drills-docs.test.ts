import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { readCourse } from '../lab/course/load.ts'

const root = resolve(import.meta.dirname, '..')
const { drills } = readCourse(join(root, 'steps'))
const rows = readFileSync(join(root, 'docs/drills.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

it('docs/drills.md lists the drills of the course, in its order', () => {
  const listed = rows.filter((row) => row.length === 5).map(([, name, title, needs]) => ({ name, title, needs }))
  expect(listed).toEqual(drills.map(({ name, title, needs }) => ({ name, title, needs })))
})

it('and tells the fault of each to instructors', () => {
  const told = rows.filter((row) => row.length === 4)
  expect(told.map(([, name]) => name)).toEqual(drills.map(({ name }) => name))
})
