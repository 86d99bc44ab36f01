import type { Demo, DemoEffect, DemoPhase, DemoStep } from './demo-state.ts'
import { findTask } from './outline.ts'
import { kindsOf, rowsOf } from './report.ts'
import type { State } from './state.ts'
import { exitCodeOf, worstOf } from './verdict.ts'

/** How often waits are shortened: sooner when something moved, for then others wait. */
const NUDGE_EVERY = 3000
const NUDGE_AFTER_CHANGE = 300
/** How long a verdict stands before a presenter may type the command again. */
const SETTLED = 3000

type Waiting = Extract<DemoPhase, { kind: 'waiting' }>

/** Whether the checks want something of somebody, and have wanted it for a while. */
export function isStuck({ phase, task = '', spent }: Demo, state: State): boolean {
  if (phase.kind !== 'waiting') return false
  return phase.failed !== undefined || (wantsSomebody(task, state) && spent - phase.watch.since >= SETTLED)
}

const wantsSomebody = (task: string, state: State): boolean => {
  const worst = worstOf(kindsOf(rowsOf(state, [task])))
  return worst === 'blocked' || worst === 'broken'
}

/** Shortens what is waited for; gives up, where it goes by itself, on what does not come. */
export function watch(demo: Demo, phase: Waiting, state: State): DemoStep | undefined {
  const { task = '', spent, options } = demo
  const rows = rowsOf(state, [task])
  const said = JSON.stringify(rows)
  const changed = said !== phase.watch.said
  const since = changed ? spent : phase.watch.since
  const moved = changed || phase.watch.moved
  const holds = wantsSomebody(task, state) && spent - since >= options.grace
  if (options.auto && (holds || spent >= options.limit)) {
    const title = findTask(state.outline, task)?.title ?? task
    const why = holds
      ? `"${title}" does not pass`
      : `"${title}" did not pass within ${Math.round(options.limit / 1000)} s`
    return {
      demo: { ...demo, stopped: why, phase: { kind: 'stopped', code: exitCodeOf(kindsOf(rows)) || 2 }, spent: 0 },
      effects: [],
    }
  }
  const nudgedAt = phase.watch.nudgedAt ?? Number.NEGATIVE_INFINITY
  const nudge = spent - nudgedAt >= (moved ? NUDGE_AFTER_CHANGE : NUDGE_EVERY) && spent >= NUDGE_AFTER_CHANGE
  if (!changed && !nudge) return undefined
  const effects: readonly DemoEffect[] = nudge ? [{ kind: 'dispatch', intent: { kind: 'nudge' } }] : []
  const next = { said, since, nudgedAt: nudge ? spent : phase.watch.nudgedAt, moved: nudge ? false : moved }
  return { demo: { ...demo, phase: { ...phase, watch: next } }, effects }
}
