import { findDrill } from '../engine/drill.ts'
import type { Event } from '../engine/events.ts'
import { findTask, stepOf } from '../engine/outline.ts'
import { type Row, rowsOf } from '../engine/report.ts'
import { type State, taskState } from '../engine/state.ts'
import type { View } from '../engine/view.ts'
import { drillSolvedText } from './drills.ts'
import { type Palette, palette } from './palette.ts'
import { rowLines, summaryLines } from './rows.ts'

export type PlainOptions = {
  write(text: string): void
  readonly colours: boolean
  now(): number
}

type Formatters = {
  readonly [K in Event['kind']]: (event: Extract<Event, { kind: K }>, state: State) => readonly string[]
}

/** Log lines for people: one happening a line, commands as they are run, their output set off. */
export function plainView({ write, colours, now }: PlainOptions): View {
  const paint = palette(colours)
  const lines = (list: readonly string[]) => {
    for (const line of list) write(`${line}\n`)
  }
  const output = new OutputLines()
  let shown = ''
  const heading = (state: State, task: string): readonly string[] => {
    if (task === shown) return []
    const [before, at] = [stepOf(state.outline, shown), stepOf(state.outline, task)]
    shown = task
    return [
      ...(at && at.name !== before?.name ? ['', paint.strong(`Step ${at.number}: ${at.title}`)] : []),
      '',
      `${paint.strong(findTask(state.outline, task)?.title ?? task)} ${paint.faint(task)}`,
    ]
  }
  const formatters: Formatters = {
    'session-started': () => [],
    'task-entered': ({ task }, state) => heading(state, task),
    'action-started': ({ task, action }, state) => [
      ...heading(state, task),
      ...commandLines(state, task, action, paint),
    ],
    output: ({ run, chunk }) => output.take(run, chunk).map((line) => `${paint.faint('  |')} ${line}`),
    'action-ended': ({ run, outcome, code, error }) => [
      ...output.rest(run).map((line) => `${paint.faint('  |')} ${line}`),
      ...(error === undefined ? [] : error.split('\n').map((line) => `  ${paint.bad(line)}`)),
      ...(outcome === 'ok' ? [] : [paint.bad(`  ${outcome}${code === null ? '' : ` (exit code ${code})`}`)]),
    ],
    checked: ({ task, results }, state) => {
      const tried = Object.keys(taskState(state, task).actions).length > 0
      const rows = rowsOf(state, [task], true).filter(
        ({ check, verdict }) =>
          Object.hasOwn(results, check) && verdict !== 'passed' && (tried || verdict !== 'blocked'),
      )
      return rows.length === 0 ? [] : [...heading(state, task), ...rows.flatMap((row) => short(row, paint, now()))]
    },
    'task-passed': ({ task }, state) => {
      const rows = rowsOf(state, [task])
      if (rows.length === 0) return [...heading(state, task), `${paint.good('passed  ')} ${paint.faint(task)}`]
      return [...heading(state, task), ...rows.flatMap((row) => rowLines(row, paint, now()))]
    },
    'hint-revealed': ({ task }, state) => {
      const shown = state.tasks[task]?.hints ?? 0
      return [`hint      ${findTask(state.outline, task)?.hints[shown - 1] ?? ''}`]
    },
    observed: ({ text }) => [paint.faint(`observed  ${text}`)],
    nudged: ({ did }) => did.map((what) => paint.faint(`nudged    ${what}`)),
    'probe-started': () => [paint.faint('the availability probe runs')],
    'probe-stopped': ({ report }) => [
      paint.faint(`the availability probe ended${report ? `: ${report.served} served, ${report.lost} lost` : ''}`),
    ],
    noted: () => [],
    'snapshot-taken': ({ name }) => [`snapshot  ${name} taken`],
    'snapshot-restored': ({ name }) => [`snapshot  ${name} put back`],
    'drill-started': ({ drill }) => [paint.faint(`drill     ${drill} is being prepared`)],
    'drill-injected': ({ drill }, state) => [`drill     ${findDrill(state.outline, drill)?.symptom ?? drill}`],
    'drill-hint-revealed': ({ drill }, state) => [
      `hint      ${findDrill(state.outline, drill)?.hints[(state.drills[drill]?.hints ?? 0) - 1] ?? ''}`,
    ],
    'drill-solved': ({ drill }, state) => [paint.good(`solved    ${drillSolvedText(state, drill)}`)],
    'drill-undone': ({ drill }) => [paint.faint(`drill     ${drill} taken back`)],
    finished: () => ['', paint.good('Every check passed.')],
    problem: ({ message }) => [paint.bad(`problem   ${message}`)],
  }
  return {
    event: ({ event }, state) =>
      lines((formatters[event.kind] as (event: Event, state: State) => string[])(event, state)),
    rows: (rows, full) => lines(rows.flatMap((row) => rowLines(row, paint, now(), full))),
    note: (text) => lines([paint.faint(text)]),
    summary: (summary) => lines(['', ...summaryLines(summary, paint)]),
  }
}

const short = (row: Row, paint: Palette, now: number): readonly string[] => {
  if (row.verdict === 'pending') return rowLines(row, paint, now)
  const tone = row.verdict === 'passed' ? paint.good : paint.bad
  return [`${tone(row.verdict.padEnd(8))} ${paint.faint(`${row.step}/${row.task}`)}  ${row.check}: ${row.found}`]
}

function commandLines(state: State, task: string, id: string, paint: Palette): readonly string[] {
  const action = findTask(state.outline, task)?.actions.find((candidate) => candidate.id === id)
  if (!action) return []
  if (action.kind !== 'run') return [`  ${action.kind === 'write' ? 'writes' : 'edits'} ${action.text}`]
  const mark = action.background ? '$ (in the background)' : '$'
  return action.text.split('\n').map((line, at) => paint.strong(at === 0 ? `  ${mark} ${line}` : `    ${line}`))
}

/** Cuts output into whole lines, apart for each run. A carriage return begins its line anew, as on a terminal. */
class OutputLines {
  private readonly open = new Map<number, string>()

  take(run: number, chunk: string): readonly string[] {
    const lines = ((this.open.get(run) ?? '') + chunk).split('\n')
    this.open.set(run, lines.pop() as string)
    return lines.map(clean)
  }

  rest(run: number): readonly string[] {
    const rest = this.open.get(run) ?? ''
    this.open.delete(run)
    return rest === '' ? [] : [clean(rest)]
  }
}

/** What a terminal would show of a line, without what a program may do to the terminal. */
const clean = (line: string): string =>
  (line.replace(/\r$/, '').split('\r').at(-1) ?? '')
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
