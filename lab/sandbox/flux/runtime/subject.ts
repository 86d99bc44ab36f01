import type { Clock } from '../../core/clock.ts'
import { mergePatch } from '../../core/json.ts'
import { isNotFound, type KubeClient, type KubeObject } from '../../core/kube-client.ts'
import { timestamp } from '../../core/kube-objects.ts'
import {
  type Condition,
  type ConditionStatus,
  findCondition,
  type NewCondition,
  removeCondition,
  setCondition,
} from './conditions.ts'
import { FINALIZER, type FluxResource, REQUESTED_AT } from './resources.ts'

// biome-ignore lint/suspicious/noExplicitAny: the fields depend on the kind, which the reconciler knows
export type Status = Record<string, any>

export type SubjectOptions = {
  readonly kube: KubeClient
  readonly clock: Clock
  readonly resource: FluxResource
  readonly fieldManager: string
}

/** The object of one reconciliation: its spec as it was read, and a draft of its status that `save` persists. */
export class Subject {
  readonly status: Status
  private saved: Status

  constructor(
    readonly object: KubeObject,
    private readonly options: SubjectOptions,
  ) {
    this.saved = structuredClone(object['status'] ?? {})
    this.status = { observedGeneration: -1, ...structuredClone(object['status'] ?? {}) }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the fields depend on the kind, which the reconciler knows
  get spec(): any {
    return this.object['spec'] ?? {}
  }

  get name(): string {
    return this.object.metadata.name
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? ''
  }

  get generation(): number {
    return this.object.metadata.generation ?? 0
  }

  get deleting(): boolean {
    return this.object.metadata.deletionTimestamp !== undefined
  }

  get requestedAt(): string | undefined {
    return this.object.metadata.annotations?.[REQUESTED_AT]
  }

  get conditions(): readonly Condition[] {
    return this.status['conditions'] ?? []
  }

  /** Now, in the form and precision of the API. */
  get timestamp(): string {
    return timestamp(this.options.clock.now())
  }

  condition(type: string): Condition | undefined {
    return findCondition(this.conditions, type)
  }

  is(type: string, status: ConditionStatus = 'True'): boolean {
    return this.condition(type)?.status === status
  }

  mark(type: string, status: ConditionStatus, reason: string, message: string): void {
    const condition: NewCondition = { type, status, reason, message }
    this.status['conditions'] = setCondition(this.conditions, condition, this.generation, this.timestamp)
  }

  unmark(type: string): void {
    if (this.status['conditions']) this.status['conditions'] = removeCondition(this.conditions, type)
  }

  markReconciling(reason: string, message: string): void {
    this.unmark('Stalled')
    this.mark('Reconciling', 'True', reason, message)
  }

  /** The object cannot be reconciled until its spec changes. */
  markStalled(reason: string, message: string): void {
    this.unmark('Reconciling')
    this.mark('Stalled', 'True', reason, message)
    this.mark('Ready', 'False', reason, message)
  }

  /** Work began or went on: Ready becomes Unknown unless it is decided and nothing drifted. */
  progress(drift: boolean, message: string): void {
    this.markReconciling('Progressing', message)
    const ready = this.condition('Ready')
    if (drift || !ready || ready.status === 'Unknown') this.mark('Ready', 'Unknown', 'Progressing', message)
  }

  /** A failed reconciliation that will be tried again. */
  retrying(): void {
    const reconciling = this.condition('Reconciling')
    if (reconciling) this.mark('Reconciling', 'True', 'ProgressingWithRetry', reconciling.message)
  }

  /** Copies the handled request of `kubectl annotate … reconcile.fluxcd.io/requestedAt`. */
  handleRequest(): void {
    if (this.requestedAt !== undefined) this.status['lastHandledReconcileAt'] = this.requestedAt
  }

  /** Writes what changed in the status. An object that is gone meanwhile is no error. */
  async save(): Promise<void> {
    const patch = mergePatch(this.saved, this.status)
    if (!patch) return
    const { kube, resource, fieldManager } = this.options
    try {
      await kube.patch(
        resource,
        this.name,
        this.namespace,
        'merge',
        { status: patch },
        { subresource: 'status', fieldManager },
      )
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    this.saved = structuredClone(this.status)
  }

  hasFinalizer(): boolean {
    return this.object.metadata.finalizers?.includes(FINALIZER) ?? false
  }

  addFinalizer(): Promise<void> {
    return this.writeFinalizers([...(this.object.metadata.finalizers ?? []), FINALIZER])
  }

  /** Lets a deleted object go. */
  async removeFinalizer(): Promise<void> {
    if (!this.hasFinalizer()) return
    await this.writeFinalizers((this.object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER))
  }

  private async writeFinalizers(finalizers: readonly string[]): Promise<void> {
    const { kube, resource, fieldManager } = this.options
    // With the resourceVersion, so that a finalizer that somebody added meanwhile is not lost.
    const { resourceVersion } = this.object.metadata
    try {
      const patched = await kube.patch(
        resource,
        this.name,
        this.namespace,
        'merge',
        { metadata: { finalizers, ...(resourceVersion ? { resourceVersion } : {}) } },
        { fieldManager },
      )
      this.object.metadata = patched.metadata
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
