import { ChainReader } from './chain-reader.ts'
import { CheckLoop } from './check-loop.ts'
import type { Course, Task } from './course.ts'
import { consequences, decide, type Effect } from './decide.ts'
import { whyNotDrill } from './drill.ts'
import { beginDrill } from './drill-run.ts'
import type { Event, Recorded } from './events.ts'
import type { Intent, Outcome } from './intents.ts'
import type { Answers, LabClient } from './lab-client.ts'
import { messageOf } from './lab-error.ts'
import { drillKey, outlineOf, taskKey } from './outline.ts'
import { OutputBuffer } from './output.ts'
import { perform } from './perform.ts'
import type { Clock, Environment } from './ports.ts'
import { reduce } from './reduce.ts'
import { rowsOf } from './report.ts'
import { initialState, type State } from './state.ts'

/** Where events are kept. `append` throws when it cannot keep one; the session then offers it again later. */
export interface Journal {
  append(recorded: Recorded): void
}

export type SessionOptions = {
  readonly course: Course
  readonly environment: Environment
  readonly clock: Clock
  readonly journal: Journal
  /** What the journal holds. */
  readonly past?: readonly Recorded[]
  readonly version: string
}

const DONE: Outcome = { ok: true }

/** The one impure loop: runs what was decided, numbers and keeps the events, and tells whoever listens. */
export class Session implements LabClient {
  readonly ended: Promise<string>
  private current: State
  private seq: number
  private readonly recorded: Recorded[]
  private readonly unsaved: Recorded[] = []
  private readonly subscribers = new Set<(recorded: Recorded) => void>()
  private readonly outputs = new OutputBuffer()
  private readonly tasks: ReadonlyMap<string, Task>
  private readonly checks: CheckLoop
  private readonly chain: ChainReader
  private readonly runs = new Map<number, { readonly controller: AbortController; readonly done: Promise<unknown> }>()
  private readonly closing = new AbortController()
  private probing = false
  private settleEnded: (reason: string) => void = () => {}

  constructor(private readonly options: SessionOptions) {
    const { course, past = [], version, environment } = options
    this.ended = new Promise((resolve) => {
      this.settleEnded = resolve
    })
    this.tasks = new Map(course.steps.flatMap((step) => step.tasks.map((task) => [taskKey(step, task), task])))
    this.current = past.reduce(reduce, initialState(outlineOf(course)))
    this.seq = past.at(-1)?.seq ?? 0
    this.recorded = [...past]
    this.checks = new CheckLoop({
      checked: new Map<string, Pick<Task, 'checks'>>([
        ...this.tasks,
        ...course.drills.map((drill) => [drillKey(drill.name), drill] as const),
      ]),
      environment,
      clock: options.clock,
      signal: this.closing.signal,
      state: () => this.current,
      record: (event) => this.record(event),
      settle: () => this.settle(),
      tell: (message) => this.tell(message),
    })
    this.chain = new ChainReader({
      read: course.chain,
      clock: options.clock,
      signal: this.closing.signal,
      labFor: (signal) => this.checks.labFor(signal),
    })
    this.record({ kind: 'session-started', version, course: course.title })
    environment.watch((_, observation) => {
      if (this.closing.signal.aborted) return
      if (observation !== undefined) this.record({ kind: 'observed', text: observation })
      this.checks.soon()
      this.chain.changed()
    }, this.closing.signal)
    this.checks.now()
  }

  state(): State {
    return this.current
  }

  subscribe(notify: (recorded: Recorded) => void): () => void {
    this.subscribers.add(notify)
    return () => this.subscribers.delete(notify)
  }

  /** Everything that is kept, oldest first. */
  events(after = 0): readonly Recorded[] {
    return this.recorded.filter(({ seq }) => seq > after)
  }

  /** There is only one client in this process; the server gives turns to those behind the socket. */
  async drive(): Promise<void> {}

  async dispatch(intent: Intent): Promise<Outcome> {
    if (this.closing.signal.aborted) return { ok: false, why: 'the lab is ending' }
    const decision = decide(this.current, intent)
    if (!decision.ok) return decision
    for (const effect of decision.effects) {
      const outcome = await this.carryOut(effect)
      if (!outcome.ok) return outcome
    }
    return DONE
  }

  async ask<K extends keyof Answers>(what: K): Promise<Answers[K]> {
    const { environment } = this.options
    const answers: { [A in keyof Answers]: () => Promise<Answers[A]> | Answers[A] } = {
      env: () => environment.env,
      waits: () => environment.lab.waits(),
      probe: () => environment.lab.probe.report(),
      parts: () => environment.world?.parts() ?? [],
      snapshots: () => environment.world?.snapshots() ?? [],
      output: () => this.outputs.text(),
      chain: () => this.chain.ask(),
    }
    return await answers[what]()
  }

  /** Cancels what runs, waits for it, and lets go of the environment, which is its owner's to close. */
  async close(reason = 'the lab was ended'): Promise<void> {
    if (this.closing.signal.aborted) return
    this.closing.abort(new Error(reason))
    for (const { controller } of this.runs.values()) controller.abort()
    await Promise.all([...this.runs.values()].map(({ done }) => done))
    await this.checks.idle()
    this.settleEnded(reason)
  }

  private async carryOut(effect: Effect): Promise<Outcome> {
    const { environment } = this.options
    try {
      switch (effect.kind) {
        case 'record':
          this.record(effect.event)
          return DONE
        case 'perform':
          return await this.perform(effect)
        case 'cancel': {
          const run = this.runs.get(effect.run)
          run?.controller.abort()
          await run?.done
          return DONE
        }
        case 'evaluate':
          await this.checks.evaluate(() => effect.tasks)
          return DONE
        case 'nudge':
          this.record({ kind: 'nudged', did: await environment.nudge(effect.actors) })
          this.checks.soon()
          return DONE
        case 'probe':
          return await this.probe(effect.command)
        case 'snapshot':
        case 'restore':
          return await this.snapshotOrRestore(effect)
        case 'drill':
          return await this.beginDrill(effect.drill)
      }
    } catch (error) {
      return { ok: false, why: messageOf(error) }
    }
  }

  private record(event: Event): void {
    const recorded: Recorded = { seq: ++this.seq, at: this.options.clock.now(), event }
    if (event.kind === 'output') this.outputs.append(event.run, event.chunk)
    else this.keep(recorded)
    this.current = reduce(this.current, recorded)
    for (const notify of [...this.subscribers]) notify(recorded)
    if (event.kind === 'task-entered') this.checks.now()
    if (event.kind === 'output') return
    this.chain.changed()
    this.settle()
  }

  /** What could not be written is offered again with the next event; the first failure is told. */
  private keep(recorded: Recorded): void {
    this.recorded.push(recorded)
    const first = this.unsaved.length === 0
    this.unsaved.push(recorded)
    try {
      for (let next = this.unsaved[0]; next; next = this.unsaved[0]) {
        this.options.journal.append(next)
        this.unsaved.shift()
      }
    } catch (error) {
      if (first) this.record({ kind: 'problem', message: `the journal cannot be written: ${messageOf(error)}` })
    }
  }

  private settle(): void {
    const [effect] = consequences(this.current)
    if (effect?.kind === 'record') this.record(effect.event)
    else if (effect) void this.carryOut(effect)
  }

  private async probe(command: 'start' | 'stop'): Promise<Outcome> {
    if (this.probing || this.closing.signal.aborted) return DONE
    this.probing = true
    const { probe, lab } = this.options.environment
    let event: Event
    try {
      await probe.call(this.options.environment, command)
      event =
        command === 'start' ? { kind: 'probe-started' } : { kind: 'probe-stopped', report: await lab.probe.report() }
    } catch (error) {
      this.probing = false
      this.tell(`the availability probe does not ${command}: ${messageOf(error)}`)
      return { ok: false, why: messageOf(error) }
    }
    this.probing = false
    this.record(event)
    return DONE
  }

  private tell(message: string): void {
    if (this.current.problem !== message) this.record({ kind: 'problem', message })
  }

  private async perform({ task, action, run }: Extract<Effect, { kind: 'perform' }>): Promise<Outcome> {
    const found = this.tasks.get(task)?.actions.find(({ id }) => id === action)
    if (!found) throw new Error(`${task} has no action "${action}"`)
    const controller = new AbortController()
    const onOutput = (chunk: string) => this.record({ kind: 'output', run, chunk })
    const done = perform(found, this.options.environment, controller.signal, onOutput).then((performed) => {
      this.runs.delete(run)
      this.record({ kind: 'action-ended', task, action, run, ...performed })
      this.checks.soon()
    })
    this.runs.set(run, { controller, done })
    if (!(found.kind === 'run' && found.background)) await done
    return DONE
  }

  private async beginDrill(name: string): Promise<Outcome> {
    const { course, environment, clock } = this.options
    const drill = course.drills.find((candidate) => candidate.name === name)
    if (!drill) throw new Error(`the course has no drill "${name}"`)
    const key = drillKey(name)
    const why = await beginDrill(drill, {
      environment,
      clock,
      signal: this.closing.signal,
      record: (event) => this.record(event),
      whyNot: () => whyNotDrill(this.current, name),
      exclusive: (work) => this.checks.exclusive(work),
      ask: async () => {
        await this.checks.evaluate(() => [key])
        return rowsOf(this.current, [key])
      },
    })
    this.checks.soon()
    return why === undefined ? DONE : { ok: false, why }
  }

  private async snapshotOrRestore({ kind, name }: { kind: 'snapshot' | 'restore'; name: string }): Promise<Outcome> {
    const { world } = this.options.environment
    if (!world) return { ok: false, why: 'this world is not the lab’s own: it cannot be saved or put back' }
    const done = await this.checks.exclusive(async () => {
      if (kind === 'snapshot') await world.snapshot(name)
      else if (!(await world.restore(name))) return false
      this.record({ kind: kind === 'snapshot' ? 'snapshot-taken' : 'snapshot-restored', name })
      return true
    })
    this.checks.soon()
    return done ? DONE : { ok: false, why: `there is no snapshot "${name}": \`gitops-lab snapshots\` lists them` }
  }
}
