import type { Change, Store } from '../../../core/store.ts'
import { ROOT } from './keys.ts'

/**
 * Tells writes to subscribers strictly in order: one that writes while it is told of a write does not make others see
 * the second before the first.
 */
export class Feed {
  private readonly subscribers = new Set<{ prefix: string; notify: (change: Change) => void }>()
  private readonly queue: Change[] = []
  private busy = false
  private readonly unsubscribe: () => void

  constructor(
    store: Store,
    private readonly onError: (error: unknown) => void,
  ) {
    this.unsubscribe = store.subscribe(ROOT, (change) => {
      this.queue.push(change)
      if (!this.busy) this.drain()
    })
  }

  /** Calls back after each write under a prefix. What it throws is reported and hides nothing from others. */
  subscribe(prefix: string, notify: (change: Change) => void): () => void {
    const subscriber = { prefix, notify }
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }

  close(): void {
    this.unsubscribe()
    this.subscribers.clear()
  }

  private drain(): void {
    this.busy = true
    for (let change = this.queue.shift(); change; change = this.queue.shift()) {
      for (const { prefix, notify } of [...this.subscribers]) {
        if (!change.entry.key.startsWith(prefix)) continue
        try {
          notify(change)
        } catch (error) {
          this.onError(error)
        }
      }
    }
    this.busy = false
  }
}
