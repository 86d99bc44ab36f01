import type { Clock, Timer } from '../../../core/clock.ts'
import { messageOf } from '../../../core/errors.ts'

/** Keys to look at, each once however often it was added; looked at soon, but never inside the write that added it. */
export class WorkQueue {
  private readonly keys = new Set<string>()
  private timer: Timer | undefined
  private closed = false

  constructor(
    private readonly clock: Clock,
    private readonly process: (key: string) => void,
    private readonly log: (line: string) => void,
  ) {}

  add(key: string): void {
    if (this.closed) return
    this.keys.add(key)
    this.timer ??= this.clock.setTimeout(() => this.drain(), 0)
  }

  close(): void {
    this.closed = true
    this.timer?.cancel()
    this.keys.clear()
  }

  private drain(): void {
    this.timer = undefined
    const keys = [...this.keys]
    this.keys.clear()
    for (const key of keys) {
      try {
        this.process(key)
      } catch (error) {
        this.log(`kubernetes: ${key}: ${messageOf(error)}`)
      }
    }
  }
}

/** A part of the control plane that runs beside the API server. */
export interface Controller {
  close(): void
}

export type ControllerOptions = {
  readonly clock: Clock
  readonly log: (line: string) => void
}
