import type { ReadChain } from './chain.ts'
import type { Lab } from './ports.ts'
import type { Cause, Verdict } from './verdict.ts'

/** A place in a file of the course, for messages. */
export type Source = { readonly file: string; readonly line: number }

/** Something that the lab runs or writes when the learner says so. */
export type Action =
  | {
      readonly kind: 'run'
      readonly id: string
      /** The fence's text, run by `bash -euo pipefail`. */
      readonly script: string
      /** The command goes on while the lab does (a port-forward). */
      readonly background: boolean
      /** `failure`: the command is meant to fail, and its failing is no error. */
      readonly expect: 'success' | 'failure'
      readonly source: Source
    }
  | {
      readonly kind: 'edit'
      readonly id: string
      /** The file to edit, relative to LAB_DIR. */
      readonly path: string
      /** A unified diff of that file, without file headers. */
      readonly diff: string
      readonly source: Source
    }
  | {
      readonly kind: 'write'
      readonly id: string
      /** The file to write, relative to LAB_DIR. */
      readonly path: string
      readonly content: string
      readonly source: Source
    }

/** A piece of a task's text, in order. */
export type Block =
  | { readonly kind: 'prose'; readonly markdown: string }
  | { readonly kind: 'action'; readonly action: string; readonly language: string; readonly text: string }
  | { readonly kind: 'output'; readonly text: string; readonly source: Source }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'hint' | 'why' | 'warning' | 'notes'; readonly markdown: string }

/**
 * `act` fails before and passes after; `require` may hold already; `look` changes nothing, has no checks, and is done
 * when its command ran or the learner goes on.
 */
export type TaskKind = 'act' | 'require' | 'look'

export type Check = {
  readonly name: string
  /** `level`: true now. `seen`: stays true once observed. */
  readonly mode: 'level' | 'seen'
  run(lab: Lab): Promise<Verdict>
  /** Only explains a verdict that is not passed, never decides: the nearest cause and the next move. */
  readonly diagnose?: (lab: Lab, verdict: Verdict) => Promise<{ cause: Cause; next: string } | undefined>
}

export type Task = {
  readonly id: string
  readonly title: string
  readonly kind: TaskKind
  /** `start`: the availability probe begins with this task. `stop`: it ends when this task has passed. */
  readonly probe?: 'start' | 'stop'
  readonly blocks: readonly Block[]
  readonly actions: readonly Action[]
  readonly checks: readonly Check[]
  readonly source: Source
}

export type Step = {
  /** 1-based. */
  readonly number: number
  /** The folder's name: `3-argocd`. */
  readonly name: string
  /** The folder's name without its number: `argocd`. */
  readonly slug: string
  readonly title: string
  readonly minutes: number
  /** What will be true at the end, one sentence. */
  readonly goal: string
  /** What was learnt by then, a short sentence each. */
  readonly learnt: readonly string[]
  /** Text between the front matter and the first task. */
  readonly intro: readonly Block[]
  readonly tasks: readonly Task[]
}

/** A script of the course and where it stands. */
export type Script = { readonly text: string; readonly source: Source }

/** A fault to find and to repair in the learner's own world. */
export type Drill = {
  /** The folder's name. */
  readonly name: string
  readonly title: string
  /** What somebody notices: all that is told at first. */
  readonly symptom: string
  /** The key of the task that has to have passed. */
  readonly needs: string
  /** Hints, and what was wrong, which is shown when it is solved. */
  readonly blocks: readonly Block[]
  /** What the fault needs to be there, and is no fault itself. */
  readonly prepare: readonly Script[]
  readonly inject: readonly Script[]
  /** One way to repair it. */
  readonly repair: readonly Script[]
  readonly checks: readonly Check[]
  readonly source: Source
}

export type Course = {
  readonly title: string
  /** Markdown. */
  readonly intro: string
  readonly finish: string
  /** Programs that the steps use, with the least version where one matters: `kubectl >=1.30`. */
  readonly requirements: readonly string[]
  /** Variables of the steps with their defaults; the environment's own come on top. */
  readonly variables: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
  /** Where the learner's last change is, where the course can tell. */
  readonly chain?: ReadChain
  /** For whoever has done the steps. */
  readonly drills: readonly Drill[]
}
