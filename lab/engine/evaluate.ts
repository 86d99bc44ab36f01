import type { Check } from './course.ts'
import type { CheckResult } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Lab } from './ports.ts'
import { timeLimit, unlessAborted } from './time-limit.ts'
import type { Verdict } from './verdict.ts'

/** How long one check may take before it counts as broken. */
export const CHECK_LIMIT = 30_000

/**
 * Asks a check, and its `diagnose` when it does not pass. Never rejects: a check that throws or takes longer than
 * `CHECK_LIMIT` is `broken`. A diagnosis only explains; one that throws says so in its place.
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
    const verdict = await unlessAborted(check.run(lab), limit.signal)
    if (verdict.kind === 'passed' || verdict.kind === 'broken' || !check.diagnose) return { verdict }
    return { verdict, diagnosis: await diagnose(check.diagnose, lab, verdict, limit.signal) }
  } catch (error) {
    return { verdict: { kind: 'broken', message: messageOf(error) } }
  } finally {
    limit.end()
  }
}

async function diagnose(ask: NonNullable<Check['diagnose']>, lab: Lab, verdict: Verdict, signal: AbortSignal) {
  try {
    return await unlessAborted(ask(lab, verdict), signal)
  } catch (error) {
    return {
      cause: { id: 'diagnosis-failed', text: `the lab could not find out why: ${messageOf(error)}` },
      next: 'next' in verdict && verdict.next !== undefined ? verdict.next : 'Run `gitops-lab check` again',
    }
  }
}
