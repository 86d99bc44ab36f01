import type { Course, Task } from '../engine/course.ts'
import type { LabClient } from '../engine/lab-client.ts'
import { type OutlineTask, taskKey, tasksOf } from '../engine/outline.ts'
import { rowsOf } from '../engine/report.ts'
import { isPassed } from '../engine/state.ts'
import { listen, outputProblems, runUnheard, secretsOf } from './outputs.ts'

/** What was found of one task. A task without problems, each with file and line, is proven; `remarks` are no problems. */
export type Proof = { readonly task: string; readonly problems: readonly string[]; readonly remarks: readonly string[] }

/**
 * Plays a course from its beginning in a world that nobody else uses: an `act` task must not pass before its commands
 * ran, every task must pass after them, and they must print what the text shows. Ends at the first task that does not
 * pass, since the next ones build on it.
 * `play` does one task as an unattended run does, and returns 0 when it passed.
 */
export async function prove(
  lab: LabClient,
  course: Course,
  play: (task: string) => Promise<number>,
  tell: (proof: Proof) => void,
): Promise<readonly Proof[]> {
  const proofs: Proof[] = []
  const printed = listen(lab)
  const secrets = await secretsOf(lab)
  const texts = new Map(course.steps.flatMap((step) => step.tasks.map((t): [string, Task] => [taskKey(step, t), t])))
  for (const task of tasksOf(lab.state().outline)) {
    const before = task.kind === 'act' ? await proveBefore(lab, task) : { problems: [], remarks: [] }
    const passed = (await play(task.key)) === 0
    const after = passed
      ? []
      : rowsOf(lab.state(), [task.key], true)
          .filter(({ verdict }) => verdict !== 'passed')
          .map((row) => `after its commands, "${row.check}" is ${row.verdict}: ${row.found}`)
    const text = texts.get(task.key) as Task
    if (passed) await runUnheard(lab, task.key, text, printed)
    const { file, line } = text.source
    const here = (message: string) => `${file}:${line}: ${message}`
    const problems = [
      ...before.problems.map(here),
      ...outputProblems(task.key, text, printed, secrets),
      ...(passed || after.length > 0 ? after : ['it does not pass after its commands']).map(here),
    ]
    const proof = { task: task.key, problems, remarks: before.remarks }
    proofs.push(proof)
    tell(proof)
    if (!passed) break
  }
  printed.stop()
  return proofs
}

async function proveBefore(lab: LabClient, task: OutlineTask): Promise<Pick<Proof, 'problems' | 'remarks'>> {
  if (lab.state().current !== task.key && !isPassed(lab.state(), task.key)) {
    await lab.dispatch({ kind: 'enter', task: task.key })
  }
  await lab.dispatch({ kind: 'check', tasks: [task.key] })
  if (isPassed(lab.state(), task.key)) return { problems: ['its checks pass before its commands ran'], remarks: [] }
  return {
    problems: [],
    remarks: rowsOf(lab.state(), [task.key])
      .filter(({ verdict }) => verdict === 'passed')
      .map(({ check }) => `"${check}" passes before its commands too`),
  }
}
