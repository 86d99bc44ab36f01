import { leaveDrill, reduceDrill } from './drill.ts'
import type { CheckResult, Recorded } from './events.ts'
import { drillKey, findChecked, findTask } from './outline.ts'
import { watchedTasks } from './select.ts'
import type { ActionState, CheckState, Progress, State, TaskState } from './state.ts'
import { taskState } from './state.ts'

/** The state after an event. Total: an event about a task that the course no longer has changes nothing that is shown. */
export function reduce(state: State, { at, event }: Recorded): State {
  switch (event.kind) {
    case 'session-started':
      return {
        ...leaveDrill(interrupt(state, at), 'interrupted'),
        startedAt: state.startedAt ?? at,
        probe: { ...state.probe, running: false },
        problem: undefined,
      }
    case 'task-entered':
      return {
        ...withTask(state, event.task, (task) => ({ ...task, enteredAt: task.enteredAt ?? at })),
        current: event.task,
      }
    case 'action-started':
      return {
        ...withAction(state, event.task, event.action, { run: event.run, startedAt: at }),
        lastRun: Math.max(state.lastRun, event.run),
        running: [
          ...state.running,
          { run: event.run, task: event.task, action: event.action, background: isBackground(state, event) },
        ],
      }
    case 'output':
      return state
    case 'action-ended': {
      const { outcome, code, error } = event
      const before = taskState(state, event.task).actions[event.action]
      const ended = {
        ...state,
        running: state.running.filter(({ run }) => run !== event.run),
      }
      if (before?.run !== event.run) return ended
      return withAction(ended, event.task, event.action, { ...before, ended: { at, outcome, code, error } })
    }
    case 'checked': {
      const counts = watchedTasks(state).some(({ key }) => key === event.task)
      return withTask(state, event.task, (task) => ({
        ...task,
        checks: {
          ...task.checks,
          ...Object.fromEntries(
            Object.entries(event.results).map(([name, result]) => [
              name,
              checkState(task.checks[name], result, counts && isSeenCheck(state, event.task, name), { at, counts }),
            ]),
          ),
        },
      }))
    }
    case 'task-passed':
      return withTask(state, event.task, (task) => ({
        ...task,
        passed: task.passed ?? { at, evidence: event.evidence },
      }))
    case 'hint-revealed':
      return withTask(state, event.task, (task) => ({ ...task, hints: task.hints + 1 }))
    case 'observed':
    case 'nudged':
      return state
    case 'probe-started':
      return { ...state, probe: { ...state.probe, running: true } }
    case 'probe-stopped':
      return { ...state, probe: { running: false, report: event.report ?? state.probe.report } }
    case 'noted':
      return { ...state, notes: { ...state.notes, [event.name]: event.value } }
    case 'snapshot-taken':
      return { ...state, saved: { ...state.saved, [event.name]: progressOf(state) } }
    case 'snapshot-restored':
      return { ...leaveDrill(state, 'undone'), ...state.saved[event.name] }
    case 'drill-started':
    case 'drill-injected':
    case 'drill-hint-revealed':
    case 'drill-undone':
      return reduceDrill(state, at, event)
    case 'drill-solved':
      return withTask(reduceDrill(state, at, event), drillKey(event.drill), (task) => ({
        ...task,
        passed: { at, evidence: event.evidence },
      }))
    case 'finished':
      return { ...state, finishedAt: at }
    case 'problem':
      return { ...state, problem: event.message }
    default:
      return exhausted(event, state)
  }
}

const progressOf = ({ current, tasks, notes, finishedAt }: State): Progress => ({ current, tasks, notes, finishedAt })

const withTask = (state: State, key: string, change: (task: TaskState) => TaskState): State => ({
  ...state,
  tasks: { ...state.tasks, [key]: change(taskState(state, key)) },
})

const withAction = (state: State, key: string, id: string, action: ActionState): State =>
  withTask(state, key, (task) => ({ ...task, actions: { ...task.actions, [id]: action } }))

const isBackground = (state: State, { task, action }: { task: string; action: string }): boolean =>
  findTask(state.outline, task)?.actions.find(({ id }) => id === action)?.background ?? false

const isSeenCheck = (state: State, task: string, name: string): boolean =>
  findChecked(state.outline, task)?.checks.find((check) => check.name === name)?.mode === 'seen'

const checkState = (
  before: CheckState | undefined,
  result: CheckResult,
  sticky: boolean,
  { at, counts }: { at: number; counts: boolean },
): CheckState => {
  const seenNow = sticky && result.verdict.kind === 'passed' ? { at, evidence: result.verdict.evidence } : undefined
  return { ...result, at, counts, seen: before?.seen ?? seenNow }
}

/** Commands of a background process that is gone: nobody knows how they ended. */
const interrupt = (state: State, at: number): State =>
  state.running.reduce<State>(
    (next, { task, action, run }) => {
      const before = taskState(next, task).actions[action]
      return before?.run === run
        ? withAction(next, task, action, { ...before, ended: { at, outcome: 'interrupted', code: null } })
        : next
    },
    { ...state, running: [] },
  )

/** Never reached while the switch is exhaustive, which the compiler proves; an unknown event changes nothing. */
const exhausted = (_event: never, state: State): State => state
