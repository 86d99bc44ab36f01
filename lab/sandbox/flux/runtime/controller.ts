import type { Timer } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { isNotFound, type KubeObject } from '../../core/kube-client.ts'
import type { Log } from './log.ts'
import { type FluxResource, REQUESTED_AT } from './resources.ts'
import type { Runtime } from './runtime.ts'
import { type Cache, type Change, keyOf, keyText, type ObjectKey, watchChanges } from './watch.ts'

/** When to look at the object again. Nothing: only when it changes. */
export type Outcome = {
  readonly requeueAfter?: number
  /** What will be done then, for the list of waits. */
  readonly action?: string
}

export type ControllerOptions = {
  /** `gitrepository`, as the log names it. */
  readonly name: string
  readonly resource: FluxResource
  /** What a periodic wait ends in: `fetch the branch`. */
  readonly action: string
  /** Whether `requestedAt` makes it look at the object at once. */
  readonly handlesRequests?: boolean
  readonly reconcile: (object: KubeObject, log: Log) => Promise<Outcome>
  /** An object is gone. */
  readonly onGone?: (key: ObjectKey) => void
}

/**
 * Runs a reconciler over the objects of one resource: at once when an object is new, deleted, has another generation or
 * another request, after the wait that the reconciler asked for, and after a growing pause when it failed. Never twice
 * at the same time for one object.
 */
export class Controller {
  private readonly waiting: ObjectKey[] = []
  private readonly queued = new Set<string>()
  private readonly running = new Set<string>()
  private readonly timers = new Map<string, Timer>()
  private readonly failures = new Map<string, number>()
  private reconciliations = 0
  private cache: Cache | undefined

  constructor(
    private readonly runtime: Runtime,
    private readonly options: ControllerOptions,
  ) {}

  start(): this {
    const { kube, namespace, signal } = this.runtime
    this.cache = watchChanges(kube, this.options.resource, namespace, signal, (change) => this.changed(change))
    signal.addEventListener('abort', () => {
      for (const timer of this.timers.values()) timer.cancel()
      this.timers.clear()
    })
    return this
  }

  /** The objects as the watch last saw them. */
  objects(): readonly KubeObject[] {
    return this.cache?.list() ?? []
  }

  enqueue(key: ObjectKey): void {
    const text = keyText(key)
    this.timers.get(text)?.cancel()
    this.timers.delete(text)
    if (this.queued.has(text)) return
    this.queued.add(text)
    this.waiting.push(key)
    this.work()
  }

  private changed({ before, after }: Change): void {
    const object = (after ?? before) as KubeObject
    const key = keyOf(object)
    if (!after) {
      this.timers.get(keyText(key))?.cancel()
      this.timers.delete(keyText(key))
      this.failures.delete(keyText(key))
      this.options.onGone?.(key)
      return
    }
    const moved =
      !before ||
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      (this.options.handlesRequests !== false &&
        before.metadata.annotations?.[REQUESTED_AT] !== after.metadata.annotations?.[REQUESTED_AT])
    if (moved) this.enqueue(key)
  }

  private work(): void {
    const { signal, concurrent } = this.runtime
    while (!signal.aborted && this.running.size < concurrent) {
      const at = this.waiting.findIndex((key) => !this.running.has(keyText(key)))
      const [key] = at < 0 ? [] : this.waiting.splice(at, 1)
      if (!key) return
      const text = keyText(key)
      this.queued.delete(text)
      this.running.add(text)
      void this.run(key).finally(() => {
        this.running.delete(text)
        this.work()
      })
    }
  }

  private async run(key: ObjectKey): Promise<void> {
    const { resource, name, reconcile } = this.options
    const { kube, signal, minRetryDelay, maxRetryDelay } = this.runtime
    const text = keyText(key)
    const log = this.runtime.log.with({
      controller: name,
      controllerGroup: resource.group,
      controllerKind: resource.kind,
      [resource.kind]: { name: key.name, namespace: key.namespace },
      namespace: key.namespace,
      name: key.name,
      reconcileID: `${++this.reconciliations}`,
    })
    try {
      const object = await kube.get(resource, key.name, key.namespace)
      const { requeueAfter, action } = await reconcile(object, log)
      this.failures.delete(text)
      if (requeueAfter !== undefined) this.wait(key, requeueAfter, action ?? this.options.action)
    } catch (error) {
      if (signal.aborted || (isNotFound(error) && (await this.isGone(key)))) return
      const failures = this.failures.get(text) ?? 0
      this.failures.set(text, failures + 1)
      log.error('Reconciler error', messageOf(error))
      this.wait(key, Math.min(minRetryDelay * 2 ** failures, maxRetryDelay), `${this.options.action} again`)
    }
  }

  private async isGone(key: ObjectKey): Promise<boolean> {
    try {
      await this.runtime.kube.get(this.options.resource, key.name, key.namespace)
      return false
    } catch (error) {
      return isNotFound(error)
    }
  }

  private wait(key: ObjectKey, ms: number, action: string): void {
    const text = keyText(key)
    // Something already asked for it again while it ran.
    if (this.queued.has(text) || this.runtime.signal.aborted) return
    this.timers.get(text)?.cancel()
    const label = { actor: this.runtime.component, subject: `${this.options.resource.kind} ${text}`, action }
    const timer = this.runtime.clock.setTimeout(() => this.enqueue(key), ms, label)
    this.timers.set(text, timer)
  }
}
