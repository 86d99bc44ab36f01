import type { Clock } from './ports.ts'

/** A signal that is aborted with `signal`, or with the error `late` when the time is over; `end` stops the time. */
export function timeLimit(
  clock: Clock,
  ms: number,
  late: string,
  signal: AbortSignal,
): { readonly signal: AbortSignal; end(): void } {
  const limit = new AbortController()
  const timer = clock.setTimeout(() => limit.abort(new Error(late)), ms)
  return { signal: AbortSignal.any([signal, limit.signal]), end: () => timer.cancel() }
}

/** The result of work, unless the signal is aborted first: then it rejects, whatever the work does. */
export const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
