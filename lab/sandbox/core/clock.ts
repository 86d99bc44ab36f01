/** Who will do what next, when the timer ends: what `timers` shows and what skipping a wait acts on. */
export type TimerLabel = {
  /** The component that will act, as its documentation spells it: `Argo CD`, `source-controller`. */
  readonly actor: string
  /** What it will act on: `Application argocd/my-nodejs-app`. */
  readonly subject: string
  /** What it will do: `compare with Git`, `scan for new tags`. */
  readonly action: string
}

export type PendingTimer = TimerLabel & {
  readonly id: number
  /** Milliseconds since the epoch. */
  readonly due: number
}

export type Timer = { cancel(): void }

/** All time in the lab comes from here, so that tests can own it and waits can be shown. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `callback` once after `ms`. Only a timer with a label is listed by `pending`. */
  setTimeout(callback: () => void, ms: number, label?: TimerLabel): Timer
  /** Resolves after `ms`; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal?: AbortSignal, label?: TimerLabel): Promise<void>
  /** Labelled timers, the next one first. */
  pending(): readonly PendingTimer[]
}

type Entry = { readonly callback: () => void; readonly due: number; readonly label: TimerLabel | undefined }

abstract class LabelledClock implements Clock {
  protected readonly entries = new Map<number, Entry>()
  private lastId = 0

  abstract now(): number
  protected abstract arm(id: number, ms: number): () => void

  setTimeout(callback: () => void, ms: number, label?: TimerLabel): Timer {
    const id = ++this.lastId
    this.entries.set(id, { callback, due: this.now() + Math.max(0, ms), label })
    const disarm = this.arm(id, Math.max(0, ms))
    return {
      cancel: () => {
        if (this.entries.delete(id)) disarm()
      },
    }
  }

  sleep(ms: number, signal?: AbortSignal, label?: TimerLabel): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        timer.cancel()
        reject(signal?.reason)
      }
      const timer = this.setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        ms,
        label,
      )
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  pending(): readonly PendingTimer[] {
    return [...this.entries]
      .flatMap(([id, { due, label }]) => (label ? [{ id, due, ...label }] : []))
      .sort((a, b) => a.due - b.due)
  }

  protected fire(id: number): void {
    const entry = this.entries.get(id)
    if (!entry) return
    this.entries.delete(id)
    entry.callback()
  }
}

class SystemClock extends LabelledClock {
  now(): number {
    return Date.now()
  }

  protected arm(id: number, ms: number): () => void {
    const handle = setTimeout(() => this.fire(id), ms)
    return () => clearTimeout(handle)
  }
}

/** A clock for tests: time moves only by `advance`, which runs what falls due, in order. */
export class ManualClock extends LabelledClock {
  private current: number

  constructor(start = Date.UTC(2026, 0, 1)) {
    super()
    this.current = start
  }

  now(): number {
    return this.current
  }

  /** Moves time on by `ms` and lets promises that wait on due timers continue. */
  async advance(ms: number): Promise<void> {
    const end = this.current + ms
    for (;;) {
      const next = [...this.entries].filter(([, e]) => e.due <= end).sort(([, a], [, b]) => a.due - b.due)[0]
      if (!next) break
      this.current = Math.max(this.current, next[1].due)
      this.fire(next[0])
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.current = end
  }

  protected arm(): () => void {
    return () => {}
  }
}

export const systemClock = (): Clock => new SystemClock()
