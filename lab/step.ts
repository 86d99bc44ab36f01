import type { ReadChain } from './engine/chain.ts'
import type { Check } from './engine/course.ts'
import type { Lab } from './engine/ports.ts'
import type { Verdict } from './engine/verdict.ts'

export type { Chain, ChainLink } from './engine/chain.ts'
export type { GitlabPipeline, KubeObject, Lab } from './engine/ports.ts'
export type { Verdict } from './engine/verdict.ts'
export { blocked, passed, pending } from './engine/verdict.ts'

/** Checks by the id of their task. */
export type Checks = Readonly<Record<string, readonly Check[]>>

type Options = Partial<Pick<Check, 'diagnose' | 'mode'>>

/** A check: a name that says what is true when it passes, and a function that looks at the world. */
export const check = (name: string, run: (lab: Lab) => Promise<Verdict>, options: Options = {}): Check => ({
  name,
  mode: options.mode ?? 'level',
  run,
  diagnose: options.diagnose,
})

/** The default export of a step's `checks.ts`. */
export const defineChecks = (checks: Checks): Checks => checks

/** The default export of a course's `chain.ts`: where the learner's last change is. */
export const defineChain = (read: ReadChain): ReadChain => read
