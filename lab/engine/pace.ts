import { upcoming } from './demo.ts'
import type { Demo } from './demo-state.ts'
import type { OutlineStep } from './outline.ts'
import type { State } from './state.ts'

/** How long a step takes in a demo; in milliseconds, without the tasks that had been done before. */
export type StepPace = {
  readonly step: OutlineStep
  readonly planned: number
  readonly elapsed: number
  readonly now: boolean
}

export type Pace = {
  readonly steps: readonly StepPace[]
  readonly planned: number
  readonly elapsed: number
  /** How much time is won; less than 0: how much is lost. */
  readonly ahead: number
}

const MINUTE = 60_000

/** A demo's time against what the course plans, when `time` has passed since it began. */
export function paceOf(demo: Demo, state: State, time: number): Pace {
  const toCome = new Set(upcoming(demo, state))
  let ahead = 0
  const steps = state.outline.steps.flatMap((step): readonly StepPace[] => {
    const share = (step.minutes * MINUTE) / step.tasks.length
    const counted = step.tasks.filter(({ key }) => demo.shown[key] || toCome.has(key))
    if (counted.length === 0) return []
    const times = counted.flatMap(({ key }) => demo.shown[key] ?? [])
    const spent = times.map(({ from, to = time }) => Math.max(0, to - from))
    // What is on the screen now costs nothing before its own time is over.
    ahead += times.reduce((sum, { to }, at) => sum + (to === undefined ? Math.min(share, spent[at] ?? 0) : share), 0)
    ahead -= spent.reduce((sum, one) => sum + one, 0)
    const now = step.tasks.some(({ key }) => key === demo.task)
    return [{ step, planned: share * counted.length, elapsed: spent.reduce((sum, one) => sum + one, 0), now }]
  })
  return { steps, planned: steps.reduce((sum, { planned }) => sum + planned, 0), elapsed: time, ahead }
}
