import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Course, Drill, Step } from '../engine/course.ts'
import { withChecks } from './assemble.ts'
import { loadChain } from './chain.ts'
import { loadChecks } from './checks.ts'
import { readFields } from './fields.ts'
import { readDrills, withDrillChecks } from './load-drills.ts'
import { parseStep } from './parse.ts'
import { CourseError, type Problem, Problems } from './problem.ts'
import { readText } from './read-text.ts'

const LAB_YAML = {
  title: { type: 'text' },
  order: { type: 'texts' },
  intro: { type: 'text' },
  finish: { type: 'text' },
  requirements: { type: 'texts', optional: true },
  variables: { type: 'record', optional: true },
  drills: { type: 'texts', optional: true },
} as const

/** Reads a course's text: everything but the checks, which its tasks lack. @throws CourseError */
export function readCourse(directory: string): Course {
  const { course, problems } = read(directory)
  if (problems.length > 0) throw new CourseError(problems)
  return course
}

/** Reads a course with its checks. All that is wrong with it is told at once. @throws CourseError */
export async function loadCourse(directory: string): Promise<Course> {
  const { course, problems } = read(directory)
  const steps: Step[] = []
  const all: Problem[] = [...problems]
  for (const step of course.steps) {
    const path = join(directory, step.name, 'checks.ts')
    const named = join(basename(directory), step.name, 'checks.ts')
    const loaded = existsSync(path) ? await loadChecks(path, named) : { checks: {}, problems: [] }
    const complete = withChecks(step, loaded.checks, named)
    all.push(...loaded.problems, ...(loaded.problems.length > 0 ? [] : complete.problems))
    steps.push(complete.step)
  }
  const drills: Drill[] = []
  for (const draft of course.drills) {
    const { drill, problems } = await withDrillChecks(directory, draft)
    all.push(...problems)
    drills.push(drill)
  }
  const path = join(directory, 'chain.ts')
  const loaded = existsSync(path) ? await loadChain(path, join(basename(directory), 'chain.ts')) : { problems: [] }
  all.push(...loaded.problems)
  if (all.length > 0) throw new CourseError(all)
  return { ...course, steps, drills, chain: 'chain' in loaded ? loaded.chain : undefined }
}

function read(directory: string): { course: Course; problems: readonly Problem[] } {
  const name = basename(directory)
  const lab = new Problems(join(name, 'lab.yaml'))
  const path = join(directory, 'lab.yaml')
  if (!existsSync(path)) {
    throw new CourseError([{ file: path, line: 1, message: 'is missing: a folder with a course holds a lab.yaml' }])
  }
  const { order, drills: names, ...fields } = readFields(readText(path, join(name, 'lab.yaml')), LAB_YAML, 1, lab)
  const folders = readdirSync(directory).filter((folder) => existsSync(join(directory, folder, 'step.md')))
  for (const folder of folders) {
    if (!order.includes(folder)) lab.add(1, `the step "${folder}" is not in "order"`)
  }
  const parsed = order.flatMap((folder, at) => {
    const number = at + 1
    if (!folders.includes(folder)) {
      lab.add(1, `"order" names "${folder}", but there is no ${join(name, folder, 'step.md')}`)
      return []
    }
    if (!folder.startsWith(`${number}-`))
      lab.add(1, `"${folder}" is step ${number}, so its folder is called "${number}-…"`)
    const file = join(name, folder, 'step.md')
    return [parseStep(readText(join(directory, folder, 'step.md'), file), { file, folder, number })]
  })
  const steps = parsed.map(({ step }) => step)
  const slugs = steps.map(({ slug }) => slug)
  for (const slug of slugs.filter((slug, at) => slugs.indexOf(slug) !== at))
    lab.add(1, `two steps are called "${slug}"`)
  const { drills, problems } = readDrills(directory, names, steps, lab)
  return {
    course: { ...fields, steps, drills },
    problems: [...lab.list, ...parsed.flatMap(({ problems }) => problems), ...problems],
  }
}
