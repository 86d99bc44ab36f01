import type { Clock, Timer } from './clock.ts'
import { type Change, Informer, keyOf, keyText, type ObjectKey, objectOf } from './informer.ts'
import { isNotFound, type KubeClient, type KubeObject, type ResourceId } from './kube-client.ts'

/** When to look at the object again. Nothing: only when it changes. */
export type Outcome = {
  /** Milliseconds. */
  readonly requeueAfter?: number
  /** What will be done then, for the list of waits. */
  readonly action?: string
}

export type ReconcilerOptions = {
  readonly kube: KubeClient
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly resource: ResourceId
  /** The kind of its objects, as waits name it. */
  readonly kind: string
  /** The component, as waits name it. */
  readonly actor: string
  /** What a wait ends in: `fetch the branch`. */
  readonly action: string
  /** Namespaces that are watched; without any, all. */
  readonly namespaces: readonly string[]
  /** How many objects are worked on at the same time. */
  readonly concurrent: number
  /** Milliseconds until an object is tried again that failed so many times before. */
  readonly retryDelay: (failures: number) => number
  /** Whether a change asks for a reconciliation beside new generations and deletions. */
  readonly isNews?: (before: KubeObject, after: KubeObject) => boolean
  readonly reconcile: (object: KubeObject) => Promise<Outcome>
  readonly onFailure: (key: ObjectKey, error: unknown) => void
  /** An object is gone. */
  readonly onGone?: (key: ObjectKey) => void
  readonly onWatchError?: (error: Error) => void
}

/**
 * Runs a reconciler over the objects of one resource: at once when an object is new, deleted or has another generation,
 * after the wait that the reconciler asked for, and after a pause when it failed. Never twice at the same time for one
 * object.
 */
export class Reconciler {
  private readonly waiting: ObjectKey[] = []
  private readonly queued = new Set<string>()
  private readonly running = new Set<string>()
  private readonly timers = new Map<string, Timer>()
  private readonly failures = new Map<string, number>()
  private readonly informers: readonly Informer[]

  constructor(private readonly options: ReconcilerOptions) {
    const { kube, resource, namespaces, signal, onWatchError } = options
    signal.addEventListener('abort', () => {
      for (const timer of this.timers.values()) timer.cancel()
      this.timers.clear()
    })
    this.informers = (namespaces.length > 0 ? namespaces : [undefined]).map(
      (namespace) =>
        new Informer(
          kube,
          resource,
          namespace === undefined ? {} : { namespace },
          signal,
          (change) => this.changed(change),
          onWatchError,
        ),
    )
  }

  /** The objects as the watch last saw them. */
  objects(): readonly KubeObject[] {
    return this.informers.flatMap((informer) => informer.list())
  }

  enqueue(key: ObjectKey): void {
    const text = keyText(key)
    this.cancel(text)
    if (this.queued.has(text)) return
    this.queued.add(text)
    this.waiting.push(key)
    this.work()
  }

  private changed(change: Change): void {
    const { before, after } = change
    const key = keyOf(objectOf(change))
    if (!after) {
      this.cancel(keyText(key))
      this.failures.delete(keyText(key))
      this.options.onGone?.(key)
      return
    }
    const isNews =
      !before ||
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      this.options.isNews?.(before, after)
    if (isNews) this.enqueue(key)
  }

  private work(): void {
    const { signal, concurrent } = this.options
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
    const { kube, resource, signal, action, reconcile, retryDelay, onFailure } = this.options
    const text = keyText(key)
    try {
      const outcome = await reconcile(await kube.get(resource, key.name, key.namespace))
      this.failures.delete(text)
      if (outcome.requeueAfter !== undefined) this.wait(key, outcome.requeueAfter, outcome.action ?? action)
    } catch (error) {
      if (signal.aborted || (isNotFound(error) && (await this.isGone(key)))) return
      const failures = this.failures.get(text) ?? 0
      this.failures.set(text, failures + 1)
      onFailure(key, error)
      this.wait(key, retryDelay(failures), `${action} again`)
    }
  }

  private async isGone({ name, namespace }: ObjectKey): Promise<boolean> {
    try {
      await this.options.kube.get(this.options.resource, name, namespace)
      return false
    } catch (error) {
      return isNotFound(error)
    }
  }

  private wait(key: ObjectKey, ms: number, action: string): void {
    const { actor, kind, clock, signal } = this.options
    const text = keyText(key)
    // Something already asked for it again while it ran.
    if (this.queued.has(text) || signal.aborted) return
    this.cancel(text)
    const label = { actor, subject: `${kind} ${text}`, action }
    this.timers.set(
      text,
      clock.setTimeout(() => this.enqueue(key), ms, label),
    )
  }

  private cancel(text: string): void {
    this.timers.get(text)?.cancel()
    this.timers.delete(text)
  }
}
