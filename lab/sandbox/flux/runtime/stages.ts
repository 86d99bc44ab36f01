import type { Log } from './log.ts'
import type { Runtime } from './runtime.ts'
import type { Subject } from './subject.ts'
import { REFUSED } from './unsupported.ts'

/** What a reconciliation came to. */
export type Conclusion =
  | { readonly kind: 'ready'; readonly message: string }
  | { readonly kind: 'stalled'; readonly reason: string; readonly message: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }

/**
 * What comes before the work: lets a deleted object go, sets the finalizer, and answers for a suspended one, which notes
 * the request to reconcile it unless `notesRequest` is false. True when there is work to do.
 */
export async function prepare(subject: Subject, log: Log, notesRequest = true): Promise<boolean> {
  if (subject.deleting) {
    await subject.removeFinalizer()
    return false
  }
  if (!subject.hasFinalizer()) await subject.addFinalizer()
  if (!subject.spec.suspend) return true
  log.info('reconciliation is suspended for this object')
  if (notesRequest) subject.handleRequest()
  if (subject.is('Ready')) subject.status['observedGeneration'] = subject.generation
  await subject.save()
  return false
}

/** Says in the status and by an event that the sandbox cannot do what the object asks for. */
export async function refuse(runtime: Runtime, subject: Subject, message: string): Promise<void> {
  subject.markStalled(REFUSED, message)
  subject.status['observedGeneration'] = subject.generation
  subject.handleRequest()
  await subject.save()
  await runtime.events.emit(subject.object, 'Warning', REFUSED, message)
}

/** Says in the status that work began. */
export async function begin(subject: Subject): Promise<void> {
  subject.progress(false, 'reconciliation in progress')
  const { observedGeneration, lastHandledReconcileAt } = subject.status
  if (observedGeneration !== subject.generation) {
    subject.progress(false, `processing object: new generation ${observedGeneration} -> ${subject.generation}`)
    await subject.save()
  } else if (subject.requestedAt !== undefined && subject.requestedAt !== lastHandledReconcileAt) {
    await subject.save()
  }
}

/**
 * Writes the conclusion into the conditions, and an event when it is a failure, a recovery, or `news` (what the event
 * says of a success that changed something).
 */
export async function conclude(
  runtime: Runtime,
  subject: Subject,
  conclusion: Conclusion,
  options: {
    readonly wasReady: boolean
    readonly news: string | undefined
    readonly log: Log
    readonly routine: string
  },
): Promise<void> {
  const { wasReady, news, log, routine } = options
  subject.handleRequest()
  if (conclusion.kind === 'ready') {
    subject.unmark('Reconciling')
    subject.unmark('Stalled')
    subject.mark('Ready', 'True', 'Succeeded', conclusion.message)
    subject.status['observedGeneration'] = subject.generation
    await subject.save()
    const text = news ?? (wasReady ? undefined : conclusion.message)
    log.info(text ?? routine)
    if (text !== undefined) await runtime.events.emit(subject.object, 'Normal', 'Succeeded', text)
    return
  }
  const { reason, message } = conclusion
  if (conclusion.kind === 'stalled') {
    subject.markStalled(reason, message)
    subject.status['observedGeneration'] = subject.generation
  } else {
    subject.mark('Ready', 'False', reason, message)
    subject.retrying()
  }
  await subject.save()
  log.error(message, reason)
  await runtime.events.emit(subject.object, 'Warning', reason, message)
}
