import type { Check } from './course.ts'
import type { CheckResult } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Lab } from './ports.ts'
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
  const limit = new AbortController()
  const both = AbortSignal.any([signal, limit.signal])
  const late = new Error(`the check did not answer within ${CHECK_LIMIT / 1000} s`)
  const timer = clock.setTimeout(() => limit.abort(late), CHECK_LIMIT)
  const lab = labFor(both)
  try {
    const verdict = await unlessAborted(check.run(lab), both)
    if (verdict.kind === 'passed' || verdict.kind === 'broken' || !check.diagnose) return { verdict }
    return { verdict, diagnosis: await diagnose(check.diagnose, lab, verdict, both) }
  } catch (error) {
    return { verdict: { kind: 'broken', message: messageOf(error) } }
  } finally {
    timer.cancel()
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

const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
