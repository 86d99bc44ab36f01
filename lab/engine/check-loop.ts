import type { Check, Task } from './course.ts'
import { evaluate } from './evaluate.ts'
import type { CheckResult, Event } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Environment, Lab } from './ports.ts'
import { Reads } from './reads.ts'
import { watchedTasks } from './select.ts'
import { type State, taskState } from './state.ts'

/** The time between something changing and the checks being asked: many changes come at once. */
const DEBOUNCE = 200
/** Not everything that checks read is watched. */
const TICK = 5000

export type CheckLoopOptions = {
  /** What has checks, by its key. */
  readonly checked: ReadonlyMap<string, Pick<Task, 'checks'>>
  readonly environment: Environment
  readonly clock: Clock
  /** Ends the loop, and the checks that are being asked. */
  readonly signal: AbortSignal
  state(): State
  record(event: Event): void
  /** Called after each evaluation. */
  settle(): void
  /** Something of the lab itself does not work. */
  tell(message: string): void
}

/** Asks the checks of the watched tasks again and again, and others when told to; records what they newly say. */
export class CheckLoop {
  private evaluating: Promise<unknown> = Promise.resolve()
  private timer: { readonly due: number; cancel(): void } | undefined
  private watchQueued = false

  private readonly reads: Reads

  constructor(private readonly options: CheckLoopOptions) {
    this.reads = new Reads(options.environment.lab, options.clock)
    options.signal.addEventListener('abort', () => this.timer?.cancel(), { once: true })
  }

  /** Something may have changed. */
  soon(): void {
    this.schedule(DEBOUNCE)
  }

  now(): void {
    this.schedule(0)
  }

  /** Resolves when no check is being asked. */
  async idle(): Promise<void> {
    await this.evaluating
  }

  /** Does something to the world while no check looks at it: none sees half of it, or speaks of how it was before. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.evaluating.then(work)
    this.evaluating = turn.catch(() => {})
    return turn
  }

  /** Asks the checks of the watched tasks after `ms`, and every `TICK` from then; an earlier appointment stands. */
  private schedule(ms: number): void {
    const { clock, signal } = this.options
    const due = clock.now() + ms
    if (signal.aborted || (this.timer && this.timer.due <= due)) return
    this.timer?.cancel()
    const timer = clock.setTimeout(() => {
      this.timer = undefined
      this.evaluateWatched()
    }, ms)
    this.timer = { due, cancel: () => timer.cancel() }
  }

  private evaluateWatched(): void {
    if (this.watchQueued) return
    this.watchQueued = true
    void this.evaluate(() => {
      this.watchQueued = false
      return watchedTasks(this.options.state()).map(({ key }) => key)
    }).finally(() => this.schedule(TICK))
  }

  /** One evaluation at a time; `keys` is asked when its turn comes. Never rejects. */
  evaluate(keys: () => readonly string[]): Promise<void> {
    const turn = this.evaluating.then(async () => {
      const readers = this.reads.fresh()
      for (const key of keys()) {
        const task = this.options.checked.get(key)
        if (task && !this.options.signal.aborted) await this.evaluateTask(key, task, readers)
      }
      this.options.settle()
    })
    this.evaluating = turn.catch((error) => this.options.tell(messageOf(error)))
    return turn.catch(() => {})
  }

  private async evaluateTask(
    key: string,
    task: Pick<Task, 'checks'>,
    readers: ReturnType<Reads['fresh']>,
  ): Promise<void> {
    const { signal } = this.options
    const isWatched = () => watchedTasks(this.options.state()).some((watched) => watched.key === key)
    const watchedBefore = isWatched()
    const ask = async (check: Check) =>
      [check.name, await evaluate(check, (both) => this.labFor(both, readers), this.options.clock, signal)] as const
    const results = await Promise.all(task.checks.map(ask))
    if (signal.aborted) return
    const counts = isWatched()
    // Its turn came meanwhile: what was seen may be from before.
    if (counts && !watchedBefore) return this.evaluateTask(key, task, this.reads.fresh())
    const known = taskState(this.options.state(), key).checks
    const changed = results.filter(
      ([name, result]) => !sameResult(known[name], result) || (counts && !known[name]?.counts),
    )
    if (changed.length > 0) this.options.record({ kind: 'checked', task: key, results: Object.fromEntries(changed) })
  }

  /** What a check may read. */
  labFor(signal: AbortSignal, readers = this.reads.fresh()): Lab {
    const { lab } = this.options.environment
    return {
      ...readers,
      probe: lab.probe,
      env: lab.env,
      waits: () => lab.waits(),
      notes: {
        get: (name) => this.options.state().notes[name],
        set: (name, value) => {
          if (!same(this.options.state().notes[name], value)) this.options.record({ kind: 'noted', name, value })
        },
      },
      signal,
      clock: { now: () => this.options.clock.now() },
    }
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const sameResult = (a: CheckResult | undefined, b: CheckResult): boolean =>
  a !== undefined && same([a.verdict, a.diagnosis], [b.verdict, b.diagnosis])
