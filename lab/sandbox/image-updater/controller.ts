import type { Clock, Timer } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { isNotFound, type KubeClient, type KubeObject } from '../core/kube-client.ts'
import type { Logger } from './logger.ts'
import { FIELD_MANAGER, FINALIZER, IMAGE_UPDATERS } from './resources.ts'
import { finishedStatus, type Result, type Status, startedStatus } from './status.ts'

/** The pause after an answer of the API server that was an error, in milliseconds. */
const RETRY = 5000

type Known = { generation: number; timer: Timer | undefined }

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
  const { kube, clock, signal, logger } = options
  const known = new Map<string, Known>()
  const queue: string[] = []
  let busy = false

  const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`

  function enqueue(key: string): void {
    known.get(key)?.timer?.cancel()
    if (!queue.includes(key)) queue.push(key)
    if (!busy) void drain()
  }

  async function drain(): Promise<void> {
    busy = true
    for (let key = queue.shift(); key !== undefined && !signal.aborted; key = queue.shift()) {
      const log = logger.with({
        imageUpdater_namespace: key.split('/')[0] as string,
        imageUpdater_name: key.split('/')[1] as string,
      })
      try {
        await handle(key, log)
      } catch (error) {
        if (signal.aborted) break
        log.log('error', `Reconciler error: ${messageOf(error)}`)
        again(key, RETRY, 'try again after an error')
      }
    }
    busy = false
  }

  function again(key: string, wait: number, action: string): void {
    const entry = known.get(key)
    if (!entry) return
    entry.timer?.cancel()
    const label = { actor: 'Argo CD Image Updater', subject: `ImageUpdater ${key}`, action }
    entry.timer = clock.setTimeout(() => enqueue(key), wait, label)
  }

  async function handle(key: string, log: Logger): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    const updater = await kube.get(IMAGE_UPDATERS, name, namespace).catch((error) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    if (!updater) return
    const { finalizers = [], deletionTimestamp, generation = 0 } = updater.metadata
    if (deletionTimestamp) {
      if (finalizers.includes(FINALIZER))
        await setFinalizers(
          updater,
          finalizers.filter((finalizer) => finalizer !== FINALIZER),
        )
      return
    }
    if (!updater['spec']) return
    if (!finalizers.includes(FINALIZER)) await setFinalizers(updater, [...finalizers, FINALIZER])
    const before = startedStatus((updater['status'] ?? {}) as Status, generation, clock.now())
    await setStatus(updater, before)
    const result = await options.reconcile(updater, log)
    if (signal.aborted) return
    await setStatus(updater, finishedStatus(before, result, generation, clock.now()))
    again(key, options.interval, 'look for new tags')
  }

  async function setFinalizers({ metadata }: KubeObject, finalizers: readonly string[]): Promise<void> {
    const patch = { metadata: { finalizers, resourceVersion: metadata.resourceVersion } }
    await kube.patch(IMAGE_UPDATERS, metadata.name, metadata.namespace, 'merge', patch, { fieldManager: FIELD_MANAGER })
  }

  async function setStatus({ metadata }: KubeObject, status: Status): Promise<void> {
    const write = { fieldManager: FIELD_MANAGER, subresource: 'status' as const }
    await kube.patch(IMAGE_UPDATERS, metadata.name, metadata.namespace, 'merge', { status }, write)
  }

  function seen(updater: KubeObject): void {
    const key = keyOf(updater)
    const { generation = 0 } = updater.metadata
    const entry = known.get(key)
    if (entry?.generation === generation) return
    known.set(key, { generation, timer: entry?.timer })
    enqueue(key)
  }

  function gone(key: string): void {
    known.get(key)?.timer?.cancel()
    known.delete(key)
  }

  signal.addEventListener('abort', () => {
    for (const { timer } of known.values()) timer?.cancel()
  })
  for (const namespace of options.namespaces.length > 0 ? options.namespaces : [undefined]) {
    let complained = ''
    kube.watch(
      IMAGE_UPDATERS,
      { namespace },
      {
        onSync(objects) {
          complained = ''
          const present = new Set(objects.map(keyOf))
          for (const key of [...known.keys()]) {
            if (!present.has(key) && (namespace === undefined || key.startsWith(`${namespace}/`))) gone(key)
          }
          for (const object of objects) seen(object)
        },
        onEvent({ type, object }) {
          if (type === 'ADDED' || type === 'MODIFIED') seen(object)
          else if (type === 'DELETED') gone(keyOf(object))
        },
        onError(error) {
          if (error.message !== complained) logger.log('error', `Failed to watch ImageUpdaters: ${error.message}`)
          complained = error.message
        },
      },
      signal,
    )
  }
}
