import { findChecked, type OutlineTask, stepOf, tasksOf } from './outline.ts'
import type { ProbeReport } from './ports.ts'
import { currentTask, watchedTasks } from './select.ts'
import { isPassed, type State, taskState } from './state.ts'
import type { Cause, Verdict, VerdictKind } from './verdict.ts'

/** One check's verdict as `check --json` prints it. `step` is the folder's name, or `drill`; `until` in RFC 3339. */
export type Row = {
  readonly step: string
  readonly task: string
  readonly check: string
  readonly verdict: VerdictKind
  readonly expected?: string
  readonly found?: string
  readonly cause?: Cause
  readonly next?: string
  readonly actor?: string
  readonly until?: string
  readonly evidence?: string
}

/** The verdicts of tasks, in order. Of a task that passed: what it passed with, unless `now` asks for the latest. */
export const rowsOf = (state: State, keys: readonly string[], now = false): readonly Row[] =>
  keys.flatMap((key) => {
    const task = findChecked(state.outline, key)
    return task ? rowsOfTask(state, task, now) : []
  })

function rowsOfTask(state: State, task: OutlineTask, now: boolean): readonly Row[] {
  const step = stepOf(state.outline, task.key)?.name ?? 'drill'
  const { passed, checks } = taskState(state, task.key)
  if (passed && !now) {
    return passed.evidence.map(({ check, text }) => ({
      step,
      task: task.id,
      check,
      verdict: 'passed',
      evidence: text,
    }))
  }
  return task.checks.flatMap(({ name }): Row[] => {
    const check = checks[name]
    if (!check) return []
    const verdict: Verdict = check.seen && !now ? { kind: 'passed', evidence: check.seen.evidence } : check.verdict
    return [{ step, task: task.id, check: name, ...rowOfVerdict(verdict, check.diagnosis) }]
  })
}

/** What a row says of a verdict and its diagnosis. */
export function rowOfVerdict(
  verdict: Verdict,
  diagnosis: { readonly cause: Cause; readonly next: string } | undefined,
): Omit<Row, 'step' | 'task' | 'check'> {
  switch (verdict.kind) {
    case 'passed':
      return { verdict: 'passed', evidence: verdict.evidence }
    case 'broken':
      return {
        verdict: 'broken',
        found: verdict.message,
        next: 'The lab itself is broken here: `gitops-lab sandbox logs` has more',
      }
    case 'pending': {
      const { expected, found, actor, next } = verdict
      const until = verdict.until === undefined ? undefined : new Date(verdict.until).toISOString()
      return {
        verdict: 'pending',
        expected,
        found,
        cause: diagnosis?.cause ?? verdict.cause,
        next: diagnosis?.next ?? next,
        actor,
        until,
      }
    }
    case 'blocked': {
      const { expected, found } = verdict
      return {
        verdict: 'blocked',
        expected,
        found,
        cause: diagnosis?.cause ?? verdict.cause,
        next: diagnosis?.next ?? verdict.next,
      }
    }
  }
}

export const kindsOf = (rows: readonly Row[]): readonly VerdictKind[] => rows.map(({ verdict }) => verdict)

/** The tasks that `check` and `why` speak of when nothing is named: those that decide how it goes on. */
export const openTasks = (state: State): readonly string[] => watchedTasks(state).map(({ key }) => key)

export type Summary = {
  readonly steps: { readonly passed: number; readonly total: number }
  readonly tasks: { readonly passed: number; readonly total: number }
  readonly checks: { readonly passed: number; readonly total: number }
  readonly current?: { readonly step: string; readonly task: string; readonly title: string }
  readonly startedAt?: number
  readonly finishedAt?: number
  /** From the notes `pushedAt` and `servedAt`, which the course's checks make. */
  readonly pushToServedMs?: number
  readonly probe?: ProbeReport
}

/** How far the learner is, in numbers. */
export function summaryOf(state: State): Summary {
  const { outline, notes } = state
  const tasks = tasksOf(outline)
  const done = tasks.filter((task) => isPassed(state, task.key))
  const current = currentTask(state)
  const { pushedAt, servedAt } = notes
  return {
    steps: {
      passed: outline.steps.filter((step) => step.tasks.every((task) => isPassed(state, task.key))).length,
      total: outline.steps.length,
    },
    tasks: { passed: done.length, total: tasks.length },
    checks: { passed: countChecks(done), total: countChecks(tasks) },
    current:
      current && state.finishedAt === undefined
        ? { step: stepOf(outline, current.key)?.name ?? '', task: current.id, title: current.title }
        : undefined,
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    pushToServedMs: typeof pushedAt === 'number' && typeof servedAt === 'number' ? servedAt - pushedAt : undefined,
    probe: state.probe.report,
  }
}

const countChecks = (tasks: readonly OutlineTask[]): number => tasks.reduce((sum, { checks }) => sum + checks.length, 0)
