import type { Check } from './course.ts'
import type { CheckResult } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Lab } from './ports.ts'
import { Unanswered } from './reads.ts'
import { timeLimit, unlessAborted } from './time-limit.ts'
import { isCause, pending, type Verdict, verdictOf } from './verdict.ts'

/** How long one check may take before it counts as broken. */
export const CHECK_LIMIT = 30_000

/**
 * Asks a check, and its `diagnose` when it does not pass. Never rejects: a check that throws, returns no verdict or
 * takes longer than `CHECK_LIMIT` is `broken`; one whose world stopped answering is `pending` on that part of it. A
 * diagnosis only explains; one that throws or returns nonsense says so in its place.
 */
export async function evaluate(
  check: Check,
  labFor: (signal: AbortSignal) => Lab,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckResult> {
  const limit = timeLimit(clock, CHECK_LIMIT, `the check did not answer within ${CHECK_LIMIT / 1000} s`, signal)
  const lab = labFor(limit.signal)
  try {
    const said: unknown = await unlessAborted(
      Promise.resolve(lab).then((given) => check.run(given)),
      limit.signal,
    )
    const verdict = verdictOf(said)
    if (!verdict)
      return { verdict: { kind: 'broken', message: `the check returned ${shown(said)}, which is no verdict` } }
    if (verdict.kind === 'passed' || verdict.kind === 'broken' || !check.diagnose) return { verdict }
    return { verdict, diagnosis: await diagnose(check.diagnose, lab, verdict, limit.signal) }
  } catch (error) {
    if (error instanceof Unanswered) return { verdict: waitingFor(error) }
    return { verdict: { kind: 'broken', message: messageOf(error) } }
  } finally {
    limit.end()
  }
}

const waitingFor = ({ part, since, how }: Unanswered): Verdict =>
  pending({
    expected: `${part} answers`,
    found: `${part} does not answer since ${new Date(since).toTimeString().slice(0, 8)}: ${how}`,
    actor: part,
    on: 'its next answer',
    next: 'It is asked again by itself; `gitops-lab status` tells which parts of the world are up.',
  })

type Diagnosis = NonNullable<CheckResult['diagnosis']>

async function diagnose(
  ask: NonNullable<Check['diagnose']>,
  lab: Lab,
  verdict: Verdict,
  signal: AbortSignal,
): Promise<Diagnosis | undefined> {
  const failed = (why: string): Diagnosis => ({
    cause: { id: 'diagnosis-failed', text: `the lab could not find out why: ${why}` },
    next: 'next' in verdict && verdict.next !== undefined ? verdict.next : 'Run `gitops-lab check` again',
  })
  try {
    const said = await unlessAborted(
      Promise.resolve(lab).then((given) => ask(given, verdict)),
      signal,
    )
    if (said === undefined || said === null) return undefined
    return isCause(said.cause) && typeof said.next === 'string' ? said : failed(`it said ${shown(said)}`)
  } catch (error) {
    return failed(messageOf(error))
  }
}

const SHOWN = 80

/** A value that should have been something else, for a message. */
function shown(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    text = undefined
  }
  return (text ?? String(value)).slice(0, SHOWN)
}
