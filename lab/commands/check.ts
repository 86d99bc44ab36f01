import { readCourse } from '../course/load.ts'
import * as driver from '../drivers/one-shot.ts'
import { activeDrill, findDrill, undoable, unknownDrill } from '../engine/drill.ts'
import { LabError } from '../engine/lab-error.ts'
import type { OutlineDrill } from '../engine/outline.ts'
import { stepOf } from '../engine/outline.ts'
import { currentTask } from '../engine/select.ts'
import { resolveTarget } from '../engine/targets.ts'
import type { Attached } from '../serve/client.ts'
import { solvedLines } from '../views/drills.ts'
import { palette } from '../views/palette.ts'
import { plainView } from '../views/plain.ts'
import { attach, type Context, coloursOf, labDirOf, printJson } from './context.ts'
import { shellFacts } from './shell-facts.ts'
import { shellFindings } from './shell-findings.ts'

export type CheckOptions = { readonly target?: string; readonly now: boolean; readonly json: boolean }

/** `check`: the verdicts of what is named, or of what decides how it goes on. */
export async function check(context: Context, { target, now, json }: CheckOptions): Promise<number> {
  const lab = await attach(context)
  try {
    const keys = target === undefined ? undefined : tasksOf(lab, target)
    const drill = target === undefined ? undoable(lab.state()) : drillOf(lab, target)?.id
    const { rows, code } = await driver.check(lab, keys, now)
    const aboutDrill = rows.every(({ step }) => step === 'drill')
    const solved = drill !== undefined && aboutDrill && lab.state().drills[drill]?.phase === 'solved'
    if (json) printJson(context, rows)
    else {
      if (rows.length > 0) viewOf(context).rows(rows)
      if (solved) context.out(`${solvedLines(lab.state(), drill, palette(coloursOf(context))).join('\n')}\n`)
      else if (rows.length === 0) context.out(nothingToCheck(lab))
    }
    if (code !== 0) await tellFindings(context, lab)
    return code
  } finally {
    lab.detach()
  }
}

/** `why`: what holds it up, in full. */
export async function why(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const lab = await attach(context)
  try {
    const { rows, code } = await driver.why(lab)
    if (json) printJson(context, rows)
    else if (rows.length > 0) viewOf(context).rows(rows, true)
    else context.out(nothingToCheck(lab))
    await tellFindings(context, lab)
    return code
  } finally {
    lab.detach()
  }
}

/** The drill that `drill/NAME` means; undefined when a step is meant. @throws LabError with code 64 */
function drillOf(lab: Attached, target: string): OutlineDrill | undefined {
  const { outline } = lab.state()
  const name = target.startsWith('drill/') ? target.slice('drill/'.length) : undefined
  if (name === undefined || outline.drills.length === 0) return undefined
  const drill = findDrill(outline, name)
  if (!drill) throw new LabError({ found: unknownDrill(outline, name), code: 64 })
  return drill
}

function tasksOf(lab: Attached, name: string): readonly string[] {
  const drill = drillOf(lab, name)
  if (drill) return [drill.key]
  const target = resolveTarget(lab.state().outline, name)
  if (!target.ok) throw new LabError({ found: target.why, code: 64 })
  return target.tasks.map(({ key }) => key)
}

const nothingToCheck = (lab: Attached): string =>
  activeDrill(lab.state())
    ? 'A drill was being prepared when the lab ended: `gitops-lab drill --undo` takes it back.\n'
    : lab.state().finishedAt === undefined
      ? 'Nothing holds it up.\n'
      : 'Every check passed: the course is finished.\n'

const viewOf = (context: Context) =>
  plainView({ write: context.out, colours: coloursOf(context), now: () => context.clock.now() })

/** What is odd about the shell that this was called in: there is where such mistakes can be seen. */
async function tellFindings(context: Context, lab: Attached): Promise<void> {
  const facts = await shellFacts(context, await lab.ask('env'), labDirOf(context), shownBy(context, lab))
  for (const { found, next } of shellFindings(facts)) context.err(`note: ${found}\n      ${next}\n`)
}

/** The commands of the task that the learner is at. */
function shownBy({ course }: Context, lab: Attached): string {
  const current = currentTask(lab.state())
  if (!current || lab.state().finishedAt !== undefined) return ''
  const step = stepOf(lab.state().outline, current.key)
  const task = readCourse(course)
    .steps.find(({ name }) => name === step?.name)
    ?.tasks.find(({ id }) => id === current.id)
  return (task?.blocks ?? []).map((block) => ('text' in block ? block.text : '')).join('\n')
}
