import type { Clock, Timer } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { isStatus } from './objects.ts'

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 30_000

type QueueOptions = {
  readonly clock: Clock
  /** Brings one key to its desired state. It may be called again for the same key at any time. */
  readonly reconcile: (key: string) => void | Promise<void>
  readonly log: (line: string) => void
}

/**
 * The work queue of a controller: a key is reconciled once for any number of `add` before, never twice at a time, and
 * again with growing pauses after a failure. A conflict is retried without being reported: it only says that the
 * object was read too early.
 */
export class WorkQueue {
  private readonly waiting = new Set<string>()
  private readonly timers = new Map<string, Timer>()
  private readonly failures = new Map<string, number>()
  private running: Promise<void> | undefined
  private stopped = false

  constructor(private readonly options: QueueOptions) {}

  add(key: string): void {
    if (this.stopped) return
    this.waiting.add(key)
    this.running ??= Promise.resolve().then(() => this.drain())
  }

  addAfter(key: string, ms: number): void {
    if (this.stopped) return
    this.timers.get(key)?.cancel()
    const due = () => {
      this.timers.delete(key)
      this.add(key)
    }
    this.timers.set(key, this.options.clock.setTimeout(due, ms))
  }

  /** Resolves when the reconcile that is under way has ended; nothing starts afterwards. */
  async stop(): Promise<void> {
    this.stopped = true
    this.waiting.clear()
    for (const timer of this.timers.values()) timer.cancel()
    await this.running
  }

  private async drain(): Promise<void> {
    for (;;) {
      const [key] = this.waiting
      if (key === undefined) break
      this.waiting.delete(key)
      try {
        await this.options.reconcile(key)
        this.failures.delete(key)
      } catch (error) {
        this.retry(key, error)
      }
    }
    this.running = undefined
  }

  private retry(key: string, error: unknown): void {
    const failures = (this.failures.get(key) ?? 0) + 1
    this.failures.set(key, failures)
    if (!isStatus(error, 409)) this.options.log(`${key}: ${messageOf(error)}`)
    this.addAfter(key, Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS))
  }
}
