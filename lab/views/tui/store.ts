import type { Clock } from '../../engine/ports.ts'

/** Between two frames. */
const FRAME_MS = 33

/** A value that is published at most 30 times a second: at once after a pause, else when the next frame is due. */
export class Store<T> {
  private readonly subscribers = new Set<() => void>()
  private published: T
  private due: { cancel(): void } | undefined
  private last = Number.NEGATIVE_INFINITY

  constructor(
    private current: T,
    private readonly clock: Clock,
  ) {
    this.published = current
  }

  /** The latest value. */
  get value(): T {
    return this.current
  }

  /** The value that was published last; the same one until the next is. */
  readonly snapshot = (): T => this.published

  readonly subscribe = (notify: () => void): (() => void) => {
    this.subscribers.add(notify)
    return () => this.subscribers.delete(notify)
  }

  set(value: T): void {
    this.current = value
    if (this.due) return
    const since = this.clock.now() - this.last
    // A clock that was set back must not stop the screen.
    if (since >= FRAME_MS || since < 0) this.publish()
    else this.due = this.clock.setTimeout(() => this.publish(), FRAME_MS - since)
  }

  close(): void {
    this.due?.cancel()
    this.subscribers.clear()
  }

  private publish(): void {
    this.due = undefined
    this.last = this.clock.now()
    this.published = this.current
    for (const notify of [...this.subscribers]) notify()
  }
}
