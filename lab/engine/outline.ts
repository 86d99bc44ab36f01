import type { Course, Step, Task, TaskKind } from './course.ts'

/** What the decisions need to know of a course: ids, order and kinds; no text, no functions, so it can be sent. */
export type Outline = { readonly title: string; readonly steps: readonly OutlineStep[] }

export type OutlineStep = {
  readonly number: number
  readonly name: string
  readonly slug: string
  readonly title: string
  readonly minutes: number
  readonly goal: string
  readonly learnt: readonly string[]
  readonly tasks: readonly OutlineTask[]
}

export type OutlineTask = {
  /** `<slug of the step>/<id>`: names the task in events and intents. */
  readonly key: string
  readonly id: string
  readonly title: string
  readonly kind: TaskKind
  readonly probe?: 'start' | 'stop'
  readonly actions: readonly OutlineAction[]
  readonly checks: readonly { readonly name: string; readonly mode: 'level' | 'seen' }[]
  readonly hints: readonly string[]
}

export type OutlineAction = {
  readonly id: string
  readonly kind: 'run' | 'edit' | 'write'
  readonly background: boolean
  /** What is run or written, for the eye: the script, or the path. */
  readonly text: string
}

export const taskKey = (step: { readonly slug: string }, task: { readonly id: string }): string =>
  `${step.slug}/${task.id}`

/** The outline of a course. */
export const outlineOf = (course: Pick<Course, 'title' | 'steps'>): Outline => ({
  title: course.title,
  steps: course.steps.map((step) => ({
    number: step.number,
    name: step.name,
    slug: step.slug,
    title: step.title,
    minutes: step.minutes,
    goal: step.goal,
    learnt: step.learnt,
    tasks: step.tasks.map((task) => outlineOfTask(step, task)),
  })),
})

const outlineOfTask = (step: Step, task: Task): OutlineTask => ({
  key: taskKey(step, task),
  id: task.id,
  title: task.title,
  kind: task.kind,
  probe: task.probe,
  actions: task.actions.map((action) => ({
    id: action.id,
    kind: action.kind,
    background: action.kind === 'run' && action.background,
    text: action.kind === 'run' ? action.script : action.path,
  })),
  checks: task.checks.map(({ name, mode }) => ({ name, mode })),
  hints: task.blocks.flatMap((block) => (block.kind === 'hint' ? [block.markdown] : [])),
})

export const tasksOf = (outline: Outline): readonly OutlineTask[] => outline.steps.flatMap((step) => step.tasks)

export const findTask = (outline: Outline, key: string): OutlineTask | undefined =>
  tasksOf(outline).find((task) => task.key === key)

/** The step that holds a task. */
export const stepOf = (outline: Outline, key: string): OutlineStep | undefined =>
  outline.steps.find((step) => step.tasks.some((task) => task.key === key))
