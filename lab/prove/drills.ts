import type { Course, Drill } from '../engine/course.ts'
import type { LabClient } from '../engine/lab-client.ts'
import { drillKey } from '../engine/outline.ts'
import { rowsOf } from '../engine/report.ts'
import { isPassed } from '../engine/state.ts'
import type { Proof } from './prove.ts'

export type DrillPorts = {
  /** Runs a script as the learner would; its exit code. */
  repair(script: string): Promise<number | null>
  /** Waits until the checks of a key pass, or surely do not. */
  wait(key: string): Promise<unknown>
}

/**
 * Plays each drill of a course that was played to its end: its checks pass before the fault, do not after it, and do
 * again after the repair that it tells. Each begins in the same world.
 */
export async function proveDrills(
  lab: LabClient,
  { drills }: Pick<Course, 'drills'>,
  ports: DrillPorts,
  tell: (proof: Proof) => void,
): Promise<readonly Proof[]> {
  const proofs: Proof[] = []
  for (const drill of drills) {
    const problems = await problemsOf(lab, drill, ports)
    const { file, line } = drill.source
    const proof: Proof = {
      task: drillKey(drill.name),
      problems: problems.map((problem) => `${file}:${line}: ${problem}`),
      remarks: [],
    }
    proofs.push(proof)
    tell(proof)
  }
  return proofs
}

async function problemsOf(lab: LabClient, drill: Drill, { repair, wait }: DrillPorts): Promise<readonly string[]> {
  const begun = await lab.dispatch({ kind: 'drill', drill: drill.name })
  if (!begun.ok) return [begun.why]
  const key = drillKey(drill.name)
  const problems: string[] = []
  for (const { text, source } of drill.repair) {
    const code = await repair(text)
    if (code !== 0) problems.push(`the repair in line ${source.line} ended with exit code ${code}`)
  }
  await wait(key)
  if (!isPassed(lab.state(), key)) {
    for (const row of rowsOf(lab.state(), [key], true)) {
      if (row.verdict !== 'passed') problems.push(`after its repair, "${row.check}" is ${row.verdict}: ${row.found}`)
    }
  }
  const undone = await lab.dispatch({ kind: 'undo-drill' })
  return undone.ok ? problems : [...problems, undone.why]
}
