import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { lintCourse } from '../course/lint.ts'
import { loadCourse } from '../course/load.ts'
import { CourseError, type Problem, problemText } from '../course/problem.ts'
import { DEFAULT_GRACE, DEFAULT_LIMIT, playTask, waitForChecks } from '../drivers/autopilot.ts'
import type { Course } from '../engine/course.ts'
import { Session } from '../engine/session.ts'
import { proveDrills } from '../prove/drills.ts'
import { type Proof, prove } from '../prove/prove.ts'
import { syntaxProblems } from '../prove/syntax.ts'
import { claimFolder } from '../serve/folder.ts'
import { type Context, printJson } from './context.ts'
import { readByShell } from './read-by-shell.ts'

export type LintOptions = { readonly directory?: string; readonly prove: boolean; readonly json: boolean }

/** `lint [DIR]`: what is wrong with a lab; with `--prove`, what its checks are worth. Exit code 1 when something is. */
export async function lint(context: Context, options: LintOptions): Promise<number> {
  const directory = options.directory === undefined ? context.course : resolve(context.cwd, options.directory)
  const { course, problems: found } = await examine(directory)
  const syntax = course && options.prove ? await syntaxProblems(course, readByShell) : { problems: [], absent: [] }
  const problems = [...found, ...syntax.problems]
  for (const shell of syntax.absent)
    context.err(`${shell} is not on this machine: nobody asked it to read the commands\n`)
  for (const problem of options.json ? [] : problems) context.out(`${problemText(problem)}\n`)
  const proofs = course && options.prove && problems.length === 0 ? await proveInOwnWorld(context, course, options) : []
  const unproven = proofs.filter((proof) => proof.problems.length > 0)
  if (options.json) printJson(context, { problems, proofs })
  else if (course && problems.length === 0 && unproven.length === 0) {
    const tasks = course.steps.reduce((sum, step) => sum + step.tasks.length, 0)
    context.out(`${course.steps.length} steps, ${tasks} tasks: nothing to complain of\n`)
  }
  return problems.length > 0 || unproven.length > 0 ? 1 : 0
}

async function examine(directory: string): Promise<{ course?: Course; problems: readonly Problem[] }> {
  try {
    const course = await loadCourse(directory)
    return { course, problems: lintCourse(course) }
  } catch (error) {
    if (!(error instanceof CourseError)) throw error
    return { problems: error.problems }
  }
}

/** Plays the course in a world made for this, in folders made for this, and removes all of it. */
async function proveInOwnWorld(context: Context, course: Course, { json }: LintOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-prove-'))
  const labDir = join(folder, 'work')
  const binDir = join(folder, 'bin')
  const say = (line: string) => (context.options.verbose ? context.err(`${line}\n`) : undefined)
  try {
    claimFolder(labDir, 'work', folder)
    claimFolder(binDir, 'work', folder)
    const environment = await context.createEnvironment({
      stateDir: join(folder, 'world'),
      labDir,
      binDir,
      variables: course.variables,
      simulateImages: [],
      download: context.options.download,
      log: say,
      progress: (line) => context.err(`${line}\n`),
    })
    const session = new Session({
      course,
      environment,
      clock: context.clock,
      journal: { append: () => {} },
      version: context.version,
    })
    const { clock } = context
    const driving = { clock, limit: DEFAULT_LIMIT, grace: DEFAULT_GRACE, note: say }
    const play = (task: string) => playTask(session, task, driving)
    const interrupted = context.ending()
    const repair = async (script: string) =>
      (await environment.run(script, { signal: interrupted, onOutput: say })).code
    const wait = (key: string) => waitForChecks(session, key, clock.now() + DEFAULT_LIMIT, driving)
    const tell = ({ task, problems, remarks }: Proof) => {
      if (json) return
      context.out(`${problems.length === 0 ? 'proven ' : 'problem'} ${task}\n`)
      for (const text of [...problems, ...remarks]) context.out(`        ${text}\n`)
    }
    interrupted.addEventListener('abort', () => void session.close('interrupted'), { once: true })
    try {
      const proofs = await prove(session, course, play, tell)
      const toTheEnd = session.state().finishedAt !== undefined
      return toTheEnd ? [...proofs, ...(await proveDrills(session, course, { repair, wait }, tell))] : proofs
    } finally {
      await session.close()
      await environment.close?.()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
