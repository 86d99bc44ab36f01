import { join } from 'node:path'
import { loadCourse } from '../course/load.ts'
import type { Course } from '../engine/course.ts'

export const FIXTURE = join(import.meta.dirname, 'fixture-course')

/** The fixture course with its checks. */
export const fixtureCourse = (): Promise<Course> => loadCourse(FIXTURE)
