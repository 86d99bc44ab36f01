import type { Action, Block, Source, Task } from '../engine/course.ts'
import type { Problem } from './problem.ts'

/** What a course says that a command prints. */
export type Expected = { readonly action: string; readonly text: string; readonly source: Source }

/** The `text output` fences of a task, each with the command that it follows. */
export const outputsOf = (task: Pick<Task, 'blocks' | 'actions'>): readonly Expected[] => sorted(task).expected

/** Output fences that no command stands before, so that nobody can say whether they are true. */
export const outputProblems = (task: Pick<Task, 'blocks' | 'actions'>): readonly Problem[] => sorted(task).problems

function sorted({ blocks, actions }: Pick<Task, 'blocks' | 'actions'>) {
  const expected: Expected[] = []
  const problems: Problem[] = []
  let before: Block | undefined
  for (const block of blocks) {
    if (block.kind === 'output') {
      const action = before?.kind === 'action' ? findAction(actions, before.action) : undefined
      const wrong = whyNot(before, action)
      if (wrong !== undefined) problems.push({ ...block.source, message: wrong })
      else if (action) expected.push({ action: action.id, text: block.text, source: block.source })
    }
    if (['action', 'code', 'output'].includes(block.kind)) before = block
  }
  return { expected, problems }
}

const findAction = (actions: readonly Action[], id: string) => actions.find((action) => action.id === id)

function whyNot(before: Block | undefined, action: Action | undefined): string | undefined {
  if (before?.kind === 'output') return 'a command has one output fence: put them together, "…" for what is left out'
  if (!action) return 'an output fence follows the command that prints it: a "```sh run" before it'
  if (action.kind !== 'run') return 'an output fence follows a command; what an edit or a file prints is the lab’s own'
  return action.background ? 'a command in the background has not ended: its output cannot be compared' : undefined
}
