import type { Course } from '../../engine/course.ts'
import type { Demo } from '../../engine/demo-state.ts'
import { findTask, type OutlineTask, stepOf, taskKey, tasksOf } from '../../engine/outline.ts'
import { paceOf } from '../../engine/pace.ts'
import { currentTask } from '../../engine/select.ts'
import { type State, taskState } from '../../engine/state.ts'
import { demoStatus } from '../demo-status.ts'
import { durationText } from '../duration.ts'

export type NotesInput = {
  readonly course: Course
  readonly state: State
  /** The demo that acts, and how long ago that was told. */
  readonly demo: Demo | undefined
  readonly age: number
  readonly now: number
}

/** What a presenter reads beside the screen that everybody sees. */
export type NotesContent = {
  readonly title: string
  /** Step and task. */
  readonly place: string
  readonly status: string
  readonly tone: 'running' | 'pending' | 'blocked' | 'accent'
  /** Time since the beginning, what is planned for all, and the pace. */
  readonly time: string
  readonly late: boolean
  readonly steps: readonly { readonly name: string; readonly time: string; readonly now: boolean }[]
  /** Markdown. */
  readonly notes: readonly string[]
  readonly command?: string
  readonly following?: string
}

/** What the notes show now. Without a demo: of the learner's task, without times. */
export function notesOf({ course, state, demo, age, now }: NotesInput): NotesContent {
  const task = (demo?.task === undefined ? undefined : findTask(state.outline, demo.task)) ?? currentTask(state)
  const step = task && stepOf(state.outline, task.key)
  const status = demo
    ? demoStatus(demo, state, now)
    : { tone: 'pending' as const, text: 'no demo is open: `gitops-lab demo` starts one' }
  return {
    title: state.outline.title,
    place: step && task ? `Step ${step.number} of ${state.outline.steps.length}, ${step.title}: ${task.title}` : '',
    status: status.text,
    tone: status.tone,
    ...timesOf(demo, state, age),
    notes: task ? speakerNotes(course, task.key) : [],
    command: task && nextCommand(demo, state, task),
    following: task && tasksOf(state.outline)[tasksOf(state.outline).indexOf(task) + 1]?.title,
  }
}

/** The NOTES of a task. */
const speakerNotes = (course: Course, key: string): readonly string[] =>
  course.steps.flatMap((step) =>
    step.tasks
      .filter((task) => taskKey(step, task) === key)
      .flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'notes' ? [block.markdown] : []))),
  )

function timesOf(demo: Demo | undefined, state: State, age: number): Pick<NotesContent, 'time' | 'late' | 'steps'> {
  if (!demo) return { time: '', late: false, steps: [] }
  const { steps, planned, elapsed, ahead } = paceOf(demo, state, demo.time + Math.max(0, age))
  const pace = Math.abs(ahead) < 1000 ? 'on time' : `${durationText(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead'}`
  return {
    time: `${durationText(elapsed)} of ${durationText(planned)}, ${pace}`,
    late: ahead <= -1000,
    steps: steps.map(({ step, planned: plan, elapsed: spent, now }) => ({
      name: `${step.number} ${step.title}`,
      time: `${durationText(spent)} of ${durationText(plan)}`,
      now,
    })),
  }
}

/** The command that is typed, or will be. */
function nextCommand(demo: Demo | undefined, state: State, task: OutlineTask): string | undefined {
  const { phase } = demo ?? {}
  const at = phase && 'action' in phase ? task.actions.findIndex(({ id }) => id === phase.action) : -1
  const from = phase?.kind === 'running' ? at + 1 : Math.max(0, at)
  const known = taskState(state, task.key).actions
  const found = task.actions
    .slice(from)
    .find(({ id }, index) => (at >= 0 && index === 0) || known[id]?.ended?.outcome !== 'ok')
  if (!found) return undefined
  return found.kind === 'run' ? found.text : `${found.kind} ${found.text}`
}
