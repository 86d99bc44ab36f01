import { activeDrill, drillRows, findDrill, undoable } from '../engine/drill.ts'
import type { Intent } from '../engine/intents.ts'
import { LabError } from '../engine/lab-error.ts'
import type { Attached } from '../serve/client.ts'
import { drillLines } from '../views/drills.ts'
import { palette } from '../views/palette.ts'
import { attach, type Context, coloursOf, printJson } from './context.ts'

export type DrillOptions = {
  readonly name?: string
  readonly hint: boolean
  readonly undo: boolean
  readonly json: boolean
}

/** `drill`: lists the drills, begins one, reveals a hint, or takes the latest one back. */
export async function drill(context: Context, { name, hint, undo, json }: DrillOptions): Promise<number> {
  const lab = await attach(context)
  try {
    if (undo) await takeBack(context, lab)
    else if (hint) await reveal(context, lab, name)
    else if (name === undefined) list(context, lab, json)
    else await begin(context, lab, name)
    return 0
  } finally {
    lab.detach()
  }
}

function list(context: Context, lab: Attached, json: boolean): void {
  const rows = drillRows(lab.state())
  if (json) {
    printJson(context, rows)
    return
  }
  const lines = drillLines(rows, palette(coloursOf(context)), context.clock.now())
  context.out(rows.length === 0 ? 'This course has no drills.\n' : `${lines.join('\n')}\n`)
}

async function begin(context: Context, lab: Attached, name: string): Promise<void> {
  lab.subscribe(({ event }) => {
    if (event.kind === 'drill-started') context.err('The world is saved. Something is about to go wrong in it …\n')
  })
  await dispatch(lab, { kind: 'drill', drill: name })
  const started = findDrill(lab.state().outline, name)
  context.out(
    `${started?.title}\n\n${started?.symptom}\n\n${[
      'Find out why, and repair it by whatever route. The time counts.',
      'gitops-lab check          tells whether it is repaired',
      `gitops-lab drill --hint   reveals a hint (there are ${started?.hints.length})`,
      'gitops-lab drill --undo   puts the world back to what it was before',
    ].join('\n')}\n`,
  )
}

async function reveal(context: Context, lab: Attached, named: string | undefined): Promise<void> {
  const name = named ?? activeDrill(lab.state())?.drill.id
  if (name === undefined) throw new LabError({ found: 'no drill is under way: `gitops-lab drill` lists them' })
  await dispatch(lab, { kind: 'drill-hint', drill: name })
  const shown = lab.state().drills[name]?.hints ?? 0
  const hints = findDrill(lab.state().outline, name)?.hints ?? []
  context.out(`Hint ${shown} of ${hints.length}: ${hints[shown - 1]}\n`)
}

async function takeBack(context: Context, lab: Attached): Promise<void> {
  const name = undoable(lab.state())
  await dispatch(lab, { kind: 'undo-drill' })
  context.out(`The drill ${name} is taken back: the world is what it was before.\n`)
}

async function dispatch(lab: Attached, intent: Intent): Promise<void> {
  const outcome = await lab.dispatch(intent)
  if (!outcome.ok) throw new LabError({ found: outcome.why })
}
