import { activeDrill } from '../engine/drill.ts'
import { LabError } from '../engine/lab-error.ts'
import { summaryOf } from '../engine/report.ts'
import { currentTask } from '../engine/select.ts'
import type { State } from '../engine/state.ts'
import type { Attached } from '../serve/client.ts'
import { attachIfUp } from '../serve/launch.ts'
import { chainLines } from '../views/chain.ts'
import { durationText } from '../views/duration.ts'
import { palette } from '../views/palette.ts'
import { summaryLines } from '../views/rows.ts'
import { attach, type Context, coloursOf, labDirOf, printJson } from './context.ts'

/** `status`: what runs and how far the learner is. */
export async function status(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const lab = await attach(context)
  try {
    if (json) printJson(context, await statusOf(context, lab))
    else await print(context, lab)
    return 0
  } finally {
    lab.detach()
  }
}

/** `gitops-lab` where no terminal UI can be: the status and what to type next; starts nothing. */
export async function plainHome(context: Context): Promise<number> {
  const labDir = labDirOf(context)
  const lab = await attachIfUp({ ...context, onProgress: (line) => context.err(`${line}\n`) })
  if (!lab) {
    context.out(
      `No world is up. Your work would be in ${labDir}.\n\n${[
        'gitops-lab sandbox up   start the sandbox',
        'gitops-lab shell        a shell in which everything leads to it',
        'gitops-lab run          do the whole course unattended',
        'gitops-lab doctor       see whether this machine has what it takes',
      ].join('\n')}\n`,
    )
    return 0
  }
  try {
    await print(context, lab)
    const task = currentTask(lab.state())
    const lines = lab.state().finishedAt !== undefined || !task ? FINISHED : AT_WORK
    context.out(`\n${lines.join('\n')}\n`)
    return 0
  } finally {
    lab.detach()
  }
}

const AT_WORK = [
  'gitops-lab check   verdicts of the current task',
  'gitops-lab why     what holds it up, and the next move',
  'gitops-lab shell   a shell in which everything leads to the lab',
  'gitops-lab run     do the rest unattended',
]
const FINISHED = [
  'gitops-lab drill   faults to find and repair',
  'gitops-lab down    end the background process; the state stays',
  'gitops-lab reset   begin anew',
]

const statusOf = async (context: Context, lab: Attached) => ({
  pid: lab.pid,
  version: context.version,
  stateDir: context.dir.path,
  labDir: labDirOf(context),
  parts: await lab.ask('parts'),
  chain: await lab.ask('chain'),
  running: lab.state().running,
  drill: activeDrill(lab.state())?.drill.id,
  problem: lab.state().problem,
  ...(await progress(lab)),
})

const progress = async (lab: Attached) => {
  const summary = summaryOf(lab.state())
  return { ...summary, probe: lab.state().probe.running ? await lab.ask('probe') : summary.probe }
}

async function print(context: Context, lab: Attached): Promise<void> {
  const paint = palette(coloursOf(context))
  const { labDir, parts, pid, problem, chain } = await statusOf(context, lab)
  const field = (name: string, text: string) => `${paint.faint(name.padEnd(16))}${text}`
  const lines = [
    paint.strong(lab.state().outline.title),
    field('background', `process ${pid}, up to 8 hours without a client`),
    field('your folder', labDir),
    ...parts.map(({ name, address, state }) => field(name, `${address} (${state})`)),
    ...summaryLines(await progress(lab), paint),
    ...drillLine(lab.state()).map((line) => field('drill', line)),
    ...runningLines(lab.state()).map((line) => field('runs', line)),
    ...(chain ? chainLines(chain, paint, context.clock.now()) : []).map((line, at) =>
      field(at === 0 ? 'last change' : '', line),
    ),
    ...(problem === undefined ? [] : [paint.bad(`problem         ${problem}`)]),
  ]
  context.out(`${lines.join('\n')}\n`)
}

const drillLine = (state: State): readonly string[] => {
  const active = activeDrill(state)
  return active ? [`${active.drill.id} (${active.phase}): ${active.drill.symptom}`] : []
}

const runningLines = (state: State): readonly string[] =>
  state.running.map(({ task, action, background }) => `${task} ${action}${background ? ' in the background' : ''}`)

/** `timers`: who acts next, on what, and when. */
export async function timers(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const lab = await attach(context)
  try {
    const waits = [...(await lab.ask('waits'))].sort((a, b) => a.due - b.due)
    const now = context.clock.now()
    if (json)
      printJson(
        context,
        waits.map((wait) => ({ ...wait, due: new Date(wait.due).toISOString() })),
      )
    else if (waits.length === 0) context.out('Nobody waits for anything.\n')
    for (const { due, actor, action, subject } of json ? [] : waits) {
      context.out(`in ${durationText(due - now).padEnd(8)} ${actor}: ${action} (${subject})\n`)
    }
    return 0
  } finally {
    lab.detach()
  }
}

/** `nudge`: does what an operator does to shorten what the current task waits for, and tells what it did. */
export async function nudge(context: Context): Promise<number> {
  const lab = await attach(context)
  try {
    let did: readonly string[] = []
    const unsubscribe = lab.subscribe(({ event }) => {
      if (event.kind === 'nudged') did = event.did
    })
    const outcome = await lab.dispatch({ kind: 'nudge' })
    unsubscribe()
    if (!outcome.ok) throw new LabError({ found: outcome.why })
    for (const text of did) context.out(`${text}\n`)
    if (did.length === 0) context.out('Nothing can be shortened: `gitops-lab timers` tells who acts, and when.\n')
    return 0
  } finally {
    lab.detach()
  }
}
