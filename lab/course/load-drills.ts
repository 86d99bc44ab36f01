import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Check, Drill, Step } from '../engine/course.ts'
import { taskKey } from '../engine/outline.ts'
import { didYouMean } from '../engine/suggest.ts'
import { namesTwice } from './assemble.ts'
import { loadChecks } from './checks.ts'
import { parseDrill } from './parse-drill.ts'
import type { Problem, Problems } from './problem.ts'
import { readText } from './read-text.ts'

const FOLDER = 'drills'

/** Reads the drills that `lab.yaml` names, without their checks. `lab` hears what is wrong with its list. */
export function readDrills(
  directory: string,
  names: readonly string[],
  steps: readonly Step[],
  lab: Problems,
): { readonly drills: readonly Drill[]; readonly problems: readonly Problem[] } {
  const whole = join(directory, FOLDER)
  const there = existsSync(whole) ? readdirSync(whole).filter((name) => existsSync(join(whole, name, 'drill.md'))) : []
  for (const name of there.filter((name) => !names.includes(name))) lab.add(1, `the drill "${name}" is not in "drills"`)
  for (const name of names.filter((name, at) => names.indexOf(name) !== at))
    lab.add(1, `"drills" names "${name}" twice`)
  if (names.length > 0 && steps.some(({ slug }) => slug === 'drill')) {
    lab.add(1, 'no step can be called "drill" where there are drills: `check drill/NAME` is about those')
  }
  const keys = steps.flatMap((step) => step.tasks.map((task) => taskKey(step, task)))
  const parsed = [...new Set(names)].flatMap((name) => {
    const file = join(basename(directory), FOLDER, name, 'drill.md')
    if (!there.includes(name)) {
      lab.add(1, `"drills" names "${name}", but there is no ${file}${didYouMean(name, there)}`)
      return []
    }
    const text = readText(join(whole, name, 'drill.md'), file)
    const { drill, problems } = parseDrill(text, { file, name })
    const unknown = drill.needs !== '' && !keys.includes(drill.needs)
    const line = text.split('\n').findIndex((candidate) => candidate.startsWith('needs:')) + 1
    const message = `"needs" names no task of the course: "${drill.needs}"${didYouMean(drill.needs, keys)}`
    return [{ drill, problems: unknown ? [...problems, { file, line, message }] : problems }]
  })
  return { drills: parsed.map(({ drill }) => drill), problems: parsed.flatMap(({ problems }) => problems) }
}

/** Gives a drill its checks, which its `checks.ts` exports under its name. */
export async function withDrillChecks(
  directory: string,
  drill: Drill,
): Promise<{ readonly drill: Drill; readonly problems: readonly Problem[] }> {
  const path = join(directory, FOLDER, drill.name, 'checks.ts')
  const file = join(basename(directory), FOLDER, drill.name, 'checks.ts')
  const loaded = existsSync(path) ? await loadChecks(path, file) : { checks: {}, problems: [] }
  const checks: readonly Check[] = loaded.checks[drill.name] ?? []
  const others = Object.keys(loaded.checks).filter((name) => name !== drill.name)
  const problems = [
    ...loaded.problems,
    ...others.map((name) => ({ file, line: 1, message: `checks for "${name}", but the drill is "${drill.name}"` })),
    ...namesTwice(drill.name, checks, file),
  ]
  if (checks.length === 0 && problems.length === 0) {
    problems.push({ ...drill.source, message: `"${drill.name}" has no checks in ${file}` })
  }
  return { drill: { ...drill, checks }, problems }
}
