import { readCourse } from '../course/load.ts'
import { autopilot, DEFAULT_GRACE, DEFAULT_LIMIT } from '../drivers/autopilot.ts'
import { refuseDuringDrill } from '../engine/drill.ts'
import { LabError } from '../engine/lab-error.ts'
import { type Outline, type OutlineTask, outlineOf, tasksOf } from '../engine/outline.ts'
import { openTasks, rowsOf, summaryOf } from '../engine/report.ts'
import { isPassed } from '../engine/state.ts'
import { resolveTarget } from '../engine/targets.ts'
import { jsonLinesView } from '../views/jsonl.ts'
import { plainView } from '../views/plain.ts'
import { attachOrStart, type Context, coloursOf } from './context.ts'

export type RunOptions = {
  readonly steps: readonly string[]
  readonly until?: string
  readonly json: boolean
  readonly simulateImages: readonly string[]
}

/** `run`: the course unattended, told as it goes. */
export async function run(context: Context, options: RunOptions): Promise<number> {
  selectTasks(outlineOf(readCourse(context.course)), options)
  const lab = await attachOrStart(context, options.simulateImages)
  const view = options.json
    ? jsonLinesView(context.out)
    : plainView({ write: context.out, colours: coloursOf(context), now: () => context.clock.now() })
  lab.subscribe((recorded) => view.event(recorded, lab.state()))
  try {
    await lab.drive(() => view.note('another run is under way: this one follows it'))
    refuseDuringDrill(lab.state())
    const keys = selectTasks(lab.state().outline, options).map(({ key }) => key)
    const code = await autopilot(lab, keys, {
      clock: context.clock,
      limit: DEFAULT_LIMIT,
      grace: DEFAULT_GRACE,
      note: (text) => view.note(text),
    })
    const { current } = lab.state()
    if (code !== 0 && current !== undefined && !isPassed(lab.state(), current)) {
      view.rows(
        rowsOf(lab.state(), openTasks(lab.state())).filter(({ verdict }) => verdict !== 'passed'),
        true,
      )
    }
    const summary = summaryOf(lab.state())
    view.summary({ ...summary, probe: summary.probe ?? (await lab.ask('probe')) })
    return code
  } finally {
    lab.detach()
  }
}

/** The tasks of the named steps, of all up to `until`, or of the whole course. @throws LabError with code 64 */
export function selectTasks(
  outline: Outline,
  { steps, until }: { readonly steps: readonly string[]; readonly until?: string },
): readonly OutlineTask[] {
  const find = (name: string) => {
    const target = resolveTarget(outline, name)
    if (!target.ok) throw new LabError({ found: target.why, code: 64 })
    return target
  }
  if (until !== undefined) {
    const { step } = find(until)
    return outline.steps.filter(({ number }) => number <= step.number).flatMap(({ tasks }) => tasks)
  }
  if (steps.length === 0) return tasksOf(outline)
  const named = new Set(steps.flatMap((name) => find(name).tasks.map(({ key }) => key)))
  return tasksOf(outline).filter(({ key }) => named.has(key))
}
