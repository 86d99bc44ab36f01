import type { Problem } from '../course/problem.ts'
import { scriptsOf } from '../course/scripts.ts'
import type { Course } from '../engine/course.ts'

/** Asks a shell whether it can read a script: what it complains of, or that there is no such shell. */
export type ReadByShell = (
  shell: string,
  script: string,
) => Promise<{ readonly error?: string; readonly absent?: true }>

const SHELLS = ['bash', 'zsh']

/** Whether bash and zsh can read each command of a course. Tells which of the shells are not there. */
export async function syntaxProblems(
  course: Course,
  read: ReadByShell,
): Promise<{ readonly problems: readonly Problem[]; readonly absent: readonly string[] }> {
  const problems: Problem[] = []
  const absent = new Set<string>()
  for (const shell of SHELLS) {
    for (const { text, source } of absent.has(shell) ? [] : scriptsOf(course)) {
      const answer = await read(shell, text)
      if (answer.absent) {
        absent.add(shell)
        break
      }
      if (answer.error !== undefined)
        problems.push({ ...source, message: `${shell} cannot read this command: ${answer.error}` })
    }
  }
  return { problems, absent: [...absent] }
}
