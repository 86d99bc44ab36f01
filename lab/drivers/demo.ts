import { advance } from '../engine/demo.ts'
import {
  beginDemo,
  type Demo,
  type DemoEffect,
  type DemoEvent,
  type DemoOptions,
  isHeld,
} from '../engine/demo-state.ts'
import type { LabClient } from '../engine/lab-client.ts'
import { labGone } from '../engine/lab-error.ts'
import type { Clock } from '../engine/ports.ts'
import type { DemoControl, DemoHooks, OwnEvent, Stage } from '../engine/stage.ts'

/** Between two frames of typing; anything else changes more slowly. */
const FRAME = 1000 / 30
const TICK = 250
/** How often notes are told of a demo that is where it was. */
const SHOW_EVERY = 1000

/** A command of the presenter's own; `end` resolves when it has ended, or was killed. */
type OwnRun = { end(): Promise<void> }

export type DemoDriverOptions = {
  readonly clock: Clock
  /** Begins a command of the presenter's own; its end is told by `own`. */
  runOwn(script: string, own: (event: OwnEvent) => void): OwnRun
}

/** Types, runs and waits on the presenter's behalf. Decides nothing by itself: that is `advance`. */
export class DemoDriver implements DemoControl {
  private demo: Demo
  private hooks: DemoHooks | undefined
  private lab: LabClient | undefined
  private stage: Stage | undefined
  private unsubscribe: () => void = () => {}
  private tick: { cancel(): void } | undefined
  /** When it is. */
  private due = 0
  private running: OwnRun | undefined
  /** Below the numbers that the lab gives. */
  private lastRun = 0
  private toldAt = Number.NEGATIVE_INFINITY
  private told: Demo['phase'] | undefined

  constructor(
    demo: DemoOptions,
    private readonly options: DemoDriverOptions,
  ) {
    this.demo = beginDemo(demo, options.clock.now())
  }

  start(hooks: DemoHooks): void {
    this.hooks = hooks
    hooks.changed(this.demo)
  }

  /** Goes on with this lab: the first one, or the one that was started again. */
  attach(lab: LabClient, stage?: Stage): void {
    this.unsubscribe()
    this.lab = lab
    this.stage = stage
    this.unsubscribe = lab.subscribe(({ event }) => {
      if (event.kind !== 'output') this.send({ kind: 'tick' })
    })
    stage?.present({
      leads: (leads) => this.send({ kind: 'leads', leads }),
      pressed: (input) => this.hooks?.pressed(input),
    })
    void lab.ended.then((reason) => {
      if (this.lab !== lab) return
      const { message, code } = labGone(reason)
      this.send({ kind: 'gone', why: message, code })
      this.lab = undefined
    })
    this.send({ kind: 'tick' })
  }

  send(event: DemoEvent): void {
    const { lab } = this
    if (!lab) return
    const { clock } = this.options
    const { demo, effects } = advance(this.demo, event, lab.state(), clock.now())
    this.demo = demo
    for (const effect of effects) this.perform(effect, lab)
    this.hooks?.changed(this.demo)
    this.show()
    this.tick?.cancel()
    if (this.demo.phase.kind === 'left') return
    const now = clock.now()
    this.due = this.demo.phase.kind === 'typing' && !isHeld(this.demo) ? nextFrame(this.due, now) : now + TICK
    this.tick = clock.setTimeout(() => this.send({ kind: 'tick' }), this.due - now)
  }

  /** Resolves when nothing that it began runs any more. */
  async close(): Promise<void> {
    this.lab = undefined
    this.tick?.cancel()
    this.unsubscribe()
    await this.running?.end()
  }

  private perform(effect: DemoEffect, lab: LabClient): void {
    switch (effect.kind) {
      case 'dispatch': {
        const { intent } = effect
        lab.dispatch(intent).then(
          (outcome) => {
            if (!outcome.ok && intent.kind === 'run') this.send({ kind: 'refused', why: outcome.why })
          },
          // The lab is gone, which `ended` tells.
          () => {},
        )
        return
      }
      case 'own':
        this.runOwn(effect.script)
        return
      case 'interrupt':
        void this.running?.end()
        return
    }
  }

  private runOwn(script: string): void {
    const run = --this.lastRun
    this.hooks?.own(run, { kind: 'began', script })
    this.running = this.options.runOwn(script, (event) => {
      this.hooks?.own(run, event)
      if (event.kind !== 'ended') return
      this.running = undefined
      this.send({ kind: 'own-ended' })
    })
  }

  private show(): void {
    const now = this.options.clock.now()
    const { phase } = this.demo
    const early = now >= this.toldAt && now - this.toldAt < SHOW_EVERY
    if (early && phase.kind === this.told?.kind) return
    this.toldAt = now
    this.told = phase
    this.stage?.show(this.demo)
  }
}

/** When the frame after the one that was due is: a late one makes those that follow no later. */
const nextFrame = (due: number, now: number): number =>
  Math.min(Math.max(due > now ? due : due + FRAME, now), now + FRAME)
