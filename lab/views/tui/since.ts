import type { Recorded } from '../../engine/events.ts'
import { findTask, type Outline } from '../../engine/outline.ts'

/** What changed while nobody looked, a line each. */
export function changesOf(outline: Outline, events: readonly Recorded[], started: boolean): readonly string[] {
  const title = (task: string) => findTask(outline, task)?.title ?? task
  const passed = events.flatMap(({ event }) => (event.kind === 'task-passed' ? [`passed: ${title(event.task)}`] : []))
  const ended = events.flatMap(({ event }) =>
    event.kind === 'action-ended'
      ? [`${event.outcome === 'ok' ? 'a command ended well' : `a command ${event.outcome}`}: ${title(event.task)}`]
      : [],
  )
  const observed = events.flatMap(({ event }) => (event.kind === 'observed' ? [event.text] : []))
  return [
    ...new Set([
      ...(started ? ['the background process had ended; it is started again, with everything as it was'] : []),
      ...ended,
      ...passed,
      ...observed,
    ]),
  ]
}
