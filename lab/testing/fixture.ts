import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCourse } from '../course/load.ts'
import type { Course } from '../engine/course.ts'

export const FIXTURE = join(import.meta.dirname, 'fixture-course')

/** The fixture course with its checks. */
export const fixtureCourse = (): Promise<Course> => loadCourse(FIXTURE)

/** A copy of the fixture course that has a drill, for `use` alone. */
export async function withDrilledFixture<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-drills-'))
  const directory = join(folder, 'lab')
  try {
    cpSync(FIXTURE, directory, { recursive: true })
    cpSync(join(import.meta.dirname, 'fixture-drills'), join(directory, 'drills'), { recursive: true })
    appendFileSync(join(directory, 'lab.yaml'), 'drills:\n  - lost-file\n')
    return await use(directory)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The fixture course with a drill. */
export const drilledCourse = (): Promise<Course> => withDrilledFixture(loadCourse)
