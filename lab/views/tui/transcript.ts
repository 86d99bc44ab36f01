import type { Recorded } from '../../engine/events.ts'
import { findTask, type Outline } from '../../engine/outline.ts'
import type { State } from '../../engine/state.ts'
import { taskState } from '../../engine/state.ts'
import type { OutputLog } from './output-log.ts'
import { elapsed } from './panes/rows.ts'
import { inlineCode } from './text/inline.ts'
import type { Role, Theme } from './theme.ts'

/** Writes into the log what an event shows of commands and of what came about by itself. */
export function transcribe(log: OutputLog, { event }: Recorded, state: State, theme: Theme): void {
  const { paint, symbols } = theme
  const said = (role: Role, text: string) => paint(role, inlineCode(text, theme))
  switch (event.kind) {
    case 'action-started':
      log.begin(event.run, paint('accent', commandOf(state.outline, event.task, event.action)))
      return
    case 'output':
      log.append(event.run, event.chunk)
      return
    case 'action-ended': {
      const action = taskState(state, event.task).actions[event.action]
      const took = action?.ended ? `, ${elapsed(action.ended.at, action.startedAt)}` : ''
      const code = event.code === null ? '' : `, exit code ${event.code}`
      const text =
        event.outcome === 'ok' ? `${symbols.passed} done${took}` : `${symbols.blocked} ${event.outcome}${code}${took}`
      log.end(event.run, [
        ...(event.error?.split('\n').map((line) => said('blocked', line)) ?? []),
        paint(event.outcome === 'ok' ? 'passed' : 'blocked', text),
      ])
      return
    }
    case 'observed':
      log.begin(undefined, said('dim', `${symbols.bullet} ${event.text}`))
      return
    case 'nudged':
      for (const did of event.did) log.begin(undefined, said('dim', `${symbols.arrow} ${did}`))
      return
    case 'problem':
      log.begin(undefined, said('warning', `${symbols.warning} ${event.message}`))
      return
  }
}

/** The command in one row. */
function commandOf(outline: Outline, task: string, id: string): string {
  const action = findTask(outline, task)?.actions.find((one) => one.id === id)
  if (!action) return `$ ${id}`
  if (action.kind !== 'run') return `${action.kind === 'edit' ? 'edit' : 'write'} ${action.text}`
  const lines = action.text.split('\n')
  const shown = lines.find((line) => !/^\s*(cd |#|$)/.test(line)) ?? lines[0]
  return `$ ${shown}${lines.length > 1 ? ` (${lines.length} lines)` : ''}${action.background ? ' &' : ''}`
}
