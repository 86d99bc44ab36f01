import type { LabClient } from '../engine/lab-client.ts'
import { labGone } from '../engine/lab-error.ts'
import { findTask, type OutlineTask, tasksOf } from '../engine/outline.ts'
import type { Clock } from '../engine/ports.ts'
import { kindsOf, rowsOf } from '../engine/report.ts'
import { foreground } from '../engine/select.ts'
import { isPassed, taskState } from '../engine/state.ts'
import { exitCodeOf, worstOf } from '../engine/verdict.ts'

export type AutopilotOptions = {
  readonly clock: Clock
  /** How long one task may take, its commands included. */
  readonly limit: number
  /** How long a verdict that asks the learner to act may stand before it is believed: the world is often a bit late. */
  readonly grace: number
  note(text: string): void
}

export const DEFAULT_LIMIT = 5 * 60_000
export const DEFAULT_GRACE = 20_000

/** How often an unattended run shortens what it waits for: sooner when something moved, for then others wait. */
const NUDGE_EVERY = 3000
const NUDGE_AFTER_CHANGE = 300
/** After a longer time between two looks the machine slept, or its clock was set: the world did not go on either. */
const LONGEST_LOOK = 2000

/**
 * Does the given tasks one after the other: runs their commands, waits for their checks, shortens waits. A task that
 * passed is left alone, so that a run that was cut off goes on where it was. The exit code of `run`: 0 when all of
 * them passed, otherwise that of the verdict which holds it up.
 */
export async function autopilot(lab: LabClient, keys: readonly string[], options: AutopilotOptions): Promise<number> {
  await lab.drive()
  for (const key of keys) {
    const code = await playTask(lab, key, options)
    if (code !== 0) return code
  }
  const { outline } = lab.state()
  while (tasksOf(outline).every(({ key }) => isPassed(lab.state(), key)) && lab.state().finishedAt === undefined) {
    await happening(lab, options.clock, 1000)
  }
  return 0
}

/** Does one task. 0 when it passed, otherwise the exit code of its worst verdict. */
export async function playTask(lab: LabClient, key: string, options: AutopilotOptions): Promise<number> {
  const task = findTask(lab.state().outline, key)
  if (!task) throw new Error(`the course has no task "${key}"`)
  const deadline = options.clock.now() + options.limit
  await idle(lab, options.clock)
  if (!isPassed(lab.state(), key) && lab.state().current !== key) await lab.dispatch({ kind: 'enter', task: key })
  await lab.dispatch({ kind: 'check', tasks: [key] })
  if (!isPassed(lab.state(), key)) await runActions(lab, task, options)
  if (!isPassed(lab.state(), key) && task.kind === 'look') await lab.dispatch({ kind: 'next' })
  return isPassed(lab.state(), key) ? 0 : await waitForChecks(lab, key, deadline, options)
}

/** Runs a task's actions in order, up to one that fails: what comes of it is for the checks to say. */
async function runActions(lab: LabClient, task: OutlineTask, options: AutopilotOptions): Promise<void> {
  for (const { id } of task.actions) {
    const running = lab.state().running.some((run) => run.task === task.key && run.action === id)
    if (running) continue
    const outcome = await lab.dispatch({ kind: 'run', task: task.key, action: id })
    if (!outcome.ok) options.note(`${task.key} ${id} was not run: ${outcome.why}`)
    const ended = taskState(lab.state(), task.key).actions[id]?.ended
    if (!outcome.ok || (ended && ended.outcome !== 'ok')) return
  }
}

/** Waits until a task or drill passes, shortening what it waits for. 0 when it did, otherwise as `playTask`. */
export async function waitForChecks(
  lab: LabClient,
  key: string,
  until: number,
  { clock, grace, limit, note }: AutopilotOptions,
): Promise<number> {
  await lab.dispatch({ kind: 'check', tasks: [key] })
  let deadline = until
  let said = ''
  let since = clock.now()
  let looked = since
  let nudged = Number.NEGATIVE_INFINITY
  let moved = false
  for (;;) {
    if (isPassed(lab.state(), key)) return 0
    const rows = rowsOf(lab.state(), [key])
    const now = clock.now()
    const passed = now - looked
    const skipped = passed - Math.max(0, Math.min(passed, LONGEST_LOOK))
    looked = now
    since += skipped
    nudged += skipped
    deadline += skipped
    if (said !== JSON.stringify(rows)) {
      said = JSON.stringify(rows)
      since = now
      moved = true
    }
    const holds = worstOf(kindsOf(rows)) !== 'pending' && now - since >= grace
    if (holds || now >= deadline) {
      note(holds ? `${key} does not pass` : `${key} did not pass within ${Math.round(limit / 1000)} s`)
      return exitCodeOf(kindsOf(rows)) || 2
    }
    if (now - nudged >= (moved ? NUDGE_AFTER_CHANGE : NUDGE_EVERY)) {
      nudged = now
      moved = false
      await lab.dispatch({ kind: 'nudge' })
    }
    await happening(lab, clock, 1000)
  }
}

/** Waits until no command runs in the foreground: somebody who is gone may have started one. */
async function idle(lab: LabClient, clock: Clock): Promise<void> {
  while (foreground(lab.state())) await happening(lab, clock, 1000)
}

/** Resolves with the next event, or after `ms`. @throws when the lab is gone */
async function happening(lab: LabClient, clock: Clock, ms: number): Promise<void> {
  let unsubscribe: () => void = () => {}
  const timer = { cancel: () => {} }
  const woken = new Promise<undefined>((resolve) => {
    unsubscribe = lab.subscribe(() => resolve(undefined))
    Object.assign(
      timer,
      clock.setTimeout(() => resolve(undefined), ms),
    )
  })
  const gone = await Promise.race([woken, lab.ended])
  unsubscribe()
  timer.cancel()
  if (gone !== undefined) throw labGone(gone)
}
