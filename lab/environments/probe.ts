import type { Clock, ProbeReader, ProbeReport } from '../engine/ports.ts'

/** Milliseconds between two requests: more than ten a second. */
const INTERVAL = 80
/** A request that takes longer is lost. */
const TIMEOUT = 2000

type Options = {
  /** One request through the Service: resolves with the HTTP status, rejects when nothing answers. */
  readonly request: (signal: AbortSignal) => Promise<number>
  readonly clock: Clock
  /** The counts of a probe that was running when the background process ended. */
  readonly resume?: ProbeReport
  /** Told after every change worth keeping, about once a second. */
  readonly onReport: (report: ProbeReport) => void
}

/**
 * The availability probe: one request after the other's start, never repeated, so that each loss is counted. What was
 * under way when it stops counts as neither.
 */
export class Probe implements ProbeReader {
  private readonly options: Options
  private current: ProbeReport | undefined
  private timer: { cancel(): void } | undefined
  private saved = 0

  constructor(options: Options) {
    this.options = options
    this.current = options.resume
    if (options.resume && options.resume.stoppedAt === null) this.begin()
  }

  async report(): Promise<ProbeReport | undefined> {
    return this.current
  }

  /** Starts to count from zero; a probe that runs goes on. */
  start(): void {
    if (this.timer) return
    this.current = { startedAt: this.options.clock.now(), stoppedAt: null, served: 0, lost: 0 }
    this.begin()
  }

  stop(): void {
    if (!this.timer || !this.current) return
    this.pause()
    this.count({ stoppedAt: this.options.clock.now() }, true)
  }

  /** Ends the requests without ending the count: the background process goes away. */
  pause(): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  private begin(): void {
    const { clock } = this.options
    let due = clock.now()
    const tick = () => {
      // A busy process misses ticks, not requests.
      for (; due <= clock.now(); due += INTERVAL) void this.once()
      this.timer = clock.setTimeout(tick, due - clock.now())
    }
    this.timer = clock.setTimeout(tick, 0)
  }

  private async once(): Promise<void> {
    let failure: string | undefined
    try {
      const status = await this.options.request(AbortSignal.timeout(TIMEOUT))
      if (status !== 200) failure = `HTTP ${status}`
    } catch (error) {
      failure = error instanceof Error && error.name === 'TimeoutError' ? `no answer in ${TIMEOUT} ms` : String(error)
    }
    if (!this.timer || !this.current) return
    if (failure === undefined) this.count({ served: this.current.served + 1 })
    else this.count({ lost: this.current.lost + 1, lastFailure: failure }, true)
  }

  private count(change: Partial<ProbeReport>, now = false): void {
    if (!this.current) return
    this.current = { ...this.current, ...change }
    if (!now && this.options.clock.now() - this.saved < 1000) return
    this.saved = this.options.clock.now()
    this.options.onReport(this.current)
  }
}
