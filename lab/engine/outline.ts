import type { Course, Drill, Step, Task, TaskKind } from './course.ts'

/** What the decisions need to know of a course: ids, order and kinds; no text, no functions, so it can be sent. */
export type Outline = {
  readonly title: string
  readonly steps: readonly OutlineStep[]
  readonly drills: readonly OutlineDrill[]
}

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

/** To checks and verdicts a drill is a task without actions. Its id is its name. */
export type OutlineDrill = OutlineTask & {
  readonly symptom: string
  /** The key of the task that has to have passed. */
  readonly needs: string
  /** Markdown: what was wrong, for when it is solved. */
  readonly explanation: string
}

export const drillKey = (name: string): string => `drill/${name}`

export const taskKey = (step: { readonly slug: string }, task: { readonly id: string }): string =>
  `${step.slug}/${task.id}`

/** The outline of a course. */
export const outlineOf = (course: Pick<Course, 'title' | 'steps' | 'drills'>): Outline => ({
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
  drills: course.drills.map(outlineOfDrill),
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
  checks: outlineOfChecks(task),
  hints: hintsOf(task),
})

const outlineOfDrill = (drill: Drill): OutlineDrill => ({
  key: drillKey(drill.name),
  id: drill.name,
  title: drill.title,
  kind: 'act',
  actions: [],
  checks: outlineOfChecks(drill),
  hints: hintsOf(drill),
  symptom: drill.symptom,
  needs: drill.needs,
  explanation: drill.blocks
    .flatMap((block) => {
      if (block.kind === 'prose') return [block.markdown.trim()]
      return block.kind === 'code' ? [`\`\`\`${block.language}\n${block.text}\n\`\`\``] : []
    })
    .join('\n\n'),
})

const outlineOfChecks = ({ checks }: Pick<Task, 'checks'>) => checks.map(({ name, mode }) => ({ name, mode }))

const hintsOf = ({ blocks }: Pick<Task, 'blocks'>) =>
  blocks.flatMap((block) => (block.kind === 'hint' ? [block.markdown] : []))

export const tasksOf = (outline: Outline): readonly OutlineTask[] => outline.steps.flatMap((step) => step.tasks)

export const findTask = (outline: Outline, key: string): OutlineTask | undefined =>
  tasksOf(outline).find((task) => task.key === key)

/** What has checks: a task or a drill. */
export const findChecked = (outline: Outline, key: string): OutlineTask | undefined =>
  findTask(outline, key) ?? outline.drills.find((drill) => drill.key === key)

/** The step that holds a task. */
export const stepOf = (outline: Outline, key: string): OutlineStep | undefined =>
  outline.steps.find((step) => step.tasks.some((task) => task.key === key))
