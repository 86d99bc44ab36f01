import { offerOf } from '../../../engine/offer.ts'
import type { OutlineTask } from '../../../engine/outline.ts'
import { type State, taskState } from '../../../engine/state.ts'
import type { Verdict } from '../../../engine/verdict.ts'
import { wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'
import type { Role, Theme } from '../theme.ts'
import { elapsed, field, whoActs } from './rows.ts'

export type VerdictOptions = {
  readonly width: number
  readonly theme: Theme
  readonly now: number
  /** All that is known, not only what matters now. */
  readonly full?: boolean
}

/** A verdict that changes this long after the task was entered is an answer to something that the learner did. */
const REACTION = 5000

/** The verdicts of a task's checks, as they are now or as it passed with. */
export function verdictRows(state: State, task: OutlineTask, options: VerdictOptions): readonly string[] {
  const { passed, checks } = taskState(state, task.key)
  if (passed) return passed.evidence.flatMap(({ check, text }) => head('passed', check, text, options))
  const begun = isBegun(state, task) && !isUnderWay(state, task)
  return task.checks.flatMap(({ name }) => {
    const check = checks[name]
    if (!check) return head('open', name, 'not looked at yet', options)
    if (check.seen) return head('passed', name, check.seen.evidence, options)
    if (check.verdict.kind === 'blocked' && !begun && !options.full) {
      return head('open', name, check.verdict.found, options)
    }
    return rowsOf(name, check.verdict, check.diagnosis, check.at, options)
  })
}

/** A line for each check: its verdict and what was found, without the cause, which would give a fault away. */
export const verdictHeads = (state: State, task: OutlineTask, options: VerdictOptions): readonly string[] =>
  task.checks.flatMap(({ name }) => {
    const check = taskState(state, task.key).checks[name]
    if (!check) return head('open', name, 'not looked at yet', options)
    if (check.seen) return head('passed', name, check.seen.evidence, options)
    return head(check.verdict.kind, name, noteOf(check.verdict, options.now), options)
  })

function noteOf(verdict: Verdict, now: number): string | undefined {
  switch (verdict.kind) {
    case 'passed':
      return verdict.evidence
    case 'pending':
      return whoActs(verdict.actor, verdict.until, now)
    case 'blocked':
      return verdict.found
    case 'broken':
      return verdict.message
  }
}

/** Whether the next of the task's own commands is yet to come: what it will do is not missing. */
function isUnderWay(state: State, task: OutlineTask): boolean {
  const offer = offerOf(state)
  const begun = Object.keys(taskState(state, task.key).actions).length > 0
  return begun && ['run', 'edit', 'write', 'running'].includes(offer.kind) && 'task' in offer && offer.task === task.key
}

/** Whether the learner did something for this task: a command ran, or a verdict moved. */
function isBegun(state: State, task: OutlineTask): boolean {
  const { actions, checks, enteredAt = Number.POSITIVE_INFINITY } = taskState(state, task.key)
  return (
    Object.keys(actions).length > 0 ||
    Object.values(checks).some(({ at, verdict }) => verdict.kind === 'passed' || at > enteredAt + REACTION)
  )
}

function rowsOf(
  name: string,
  verdict: Verdict,
  diagnosis: { readonly cause: { readonly text: string }; readonly next: string } | undefined,
  at: number,
  options: VerdictOptions,
): readonly string[] {
  const { width, theme, now } = options
  const part = (label: string, text: string | undefined) =>
    text === undefined ? [] : field(label, text, width - 2, theme).map((row) => `  ${row}`)
  switch (verdict.kind) {
    case 'passed':
      return head('passed', name, verdict.evidence, options)
    case 'pending': {
      const { expected, found, actor, on, until, next } = verdict
      const waits = `${whoActs(actor, until, now, on)}; ${elapsed(now, at)} so far`
      return [
        ...head('pending', name, undefined, options),
        ...(options.full ? part('expected', expected) : []),
        ...part('found', found),
        ...part('cause', (diagnosis?.cause ?? verdict.cause)?.text),
        ...part('waits for', waits),
        ...part('next', diagnosis?.next ?? (options.full ? (next ?? 'Nothing to do for you: wait') : next)),
      ]
    }
    case 'blocked':
      return [
        ...head('blocked', name, undefined, options),
        ...part('expected', verdict.expected),
        ...part('found', verdict.found),
        ...part('cause', (diagnosis?.cause ?? verdict.cause)?.text),
        ...part('next', diagnosis?.next ?? verdict.next),
      ]
    case 'broken':
      return [
        ...head('broken', name, 'the lab itself is broken here, not you', options),
        ...part('found', verdict.message),
        ...part('next', '`gitops-lab sandbox logs` has more'),
      ]
  }
}

function head(
  kind: Extract<Role, 'passed' | 'pending' | 'blocked' | 'broken'> | 'open',
  name: string,
  note: string | undefined,
  { width, theme }: VerdictOptions,
): readonly string[] {
  const role = kind === 'open' ? 'dim' : kind
  const word = kind === 'open' || kind === 'passed' ? '' : ` ${theme.paint(role, kind)}`
  const found = note ? theme.paint('dim', `: ${inlineCode(note, theme)}`) : ''
  const text = `${kind === 'passed' || kind === 'open' ? name : theme.paint('strong', name)}${word}${found}`
  return wrap(text, width - 2).map((row, at) =>
    at === 0 ? `${theme.paint(role, theme.symbols[kind])} ${row}` : `  ${row}`,
  )
}
