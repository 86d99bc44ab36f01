import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import type { ObjectKey } from '../core/informer.ts'
import type { KubeClient, KubeObject } from '../core/kube-client.ts'
import { type Outcome, Reconciler } from '../core/reconciler.ts'
import type { Logger } from './logger.ts'
import { FIELD_MANAGER, FINALIZER, IMAGE_UPDATERS } from './resources.ts'
import { finishedStatus, type Result, type Status, startedStatus } from './status.ts'

/** The pause after an answer of the API server that was an error, in milliseconds. */
const RETRY = 5000

/**
 * Reconciles ImageUpdaters: when one appears or its generation changes, and every interval after the last check. One at
 * a time, so that two of them never write to one repository at once.
 */
export function startController(options: {
  readonly kube: KubeClient
  readonly clock: Clock
  /** Empty for all. */
  readonly namespaces: readonly string[]
  /** Milliseconds. */
  readonly interval: number
  readonly reconcile: (updater: KubeObject, logger: Logger) => Promise<Result>
  readonly logger: Logger
  readonly signal: AbortSignal
}): void {
  const { kube, clock, signal, logger, namespaces } = options
  const logOf = ({ namespace, name }: ObjectKey) =>
    logger.with({ imageUpdater_namespace: namespace, imageUpdater_name: name })
  let complained = ''

  async function reconcile(updater: KubeObject): Promise<Outcome> {
    complained = ''
    const { name, namespace = '', finalizers = [], deletionTimestamp, generation = 0 } = updater.metadata
    if (deletionTimestamp) {
      const others = finalizers.filter((finalizer) => finalizer !== FINALIZER)
      if (others.length < finalizers.length) await setFinalizers(updater, others)
      return {}
    }
    if (!updater['spec']) return {}
    if (!finalizers.includes(FINALIZER)) await setFinalizers(updater, [...finalizers, FINALIZER])
    const before = startedStatus((updater['status'] ?? {}) as Status, generation, clock.now())
    await setStatus(updater, before)
    const result = await options.reconcile(updater, logOf({ namespace, name }))
    if (signal.aborted) return {}
    await setStatus(updater, finishedStatus(before, result, generation, clock.now()))
    return { requeueAfter: options.interval }
  }

  async function setFinalizers({ metadata }: KubeObject, finalizers: readonly string[]): Promise<void> {
    const patch = { metadata: { finalizers, resourceVersion: metadata.resourceVersion } }
    await kube.patch(IMAGE_UPDATERS, metadata.name, metadata.namespace, 'merge', patch, { fieldManager: FIELD_MANAGER })
  }

  async function setStatus({ metadata }: KubeObject, status: Status): Promise<void> {
    const write = { fieldManager: FIELD_MANAGER, subresource: 'status' as const }
    await kube.patch(IMAGE_UPDATERS, metadata.name, metadata.namespace, 'merge', { status }, write)
  }

  new Reconciler({
    kube,
    clock,
    signal,
    resource: IMAGE_UPDATERS,
    kind: 'ImageUpdater',
    actor: 'Argo CD Image Updater',
    action: 'look for new tags',
    namespaces,
    concurrent: 1,
    retryDelay: () => RETRY,
    reconcile,
    onFailure: (key, error) => logOf(key).log('error', `Reconciler error: ${messageOf(error)}`),
    onWatchError({ message }) {
      if (message !== complained) logger.log('error', `Failed to watch ImageUpdaters: ${message}`)
      complained = message
    },
  })
}
