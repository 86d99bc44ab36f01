import { type DrillRow, drillRows, tookOf } from '../../../engine/drill.ts'
import { stepOf } from '../../../engine/outline.ts'
import type { DrillState, State } from '../../../engine/state.ts'
import { durationText } from '../../duration.ts'
import { type DrillView, drillView } from '../drills/view.ts'
import type { Model } from '../model.ts'
import { elapsed, field, spin } from '../panes/rows.ts'
import { verdictHeads } from '../panes/verdicts.ts'
import { cellWidth } from '../text/cell.ts'
import { cut, fitted, wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'

type Written = {
  readonly title: string
  readonly rows: readonly string[]
  /** The row of the chosen drill, in the list. */
  readonly selected?: number
}
type Attempt = Extract<DrillView, { kind: 'running' | 'solved' }>

const UNDO =
  'Put the world back to what it was before the drill? What was done in it since is gone. u does it, Esc keeps it.'

/** The page of drills: the list, or the one under way, from its symptom to what was wrong. */
export function drillPage(model: Model, width: number): Written {
  const { theme, overlay } = model
  const written = pageOfView(model, drillView(model), width)
  if (overlay?.kind !== 'undo') return written
  const question = wrap(theme.paint('warning', `${theme.symbols.warning} ${UNDO}`), width)
  return { title: written.title, rows: [...question, '', ...written.rows] }
}

function pageOfView(model: Model, view: DrillView, width: number): Written {
  const { theme, now } = model
  const { paint } = theme
  const turning = (text: string, since: number) =>
    wrap(`${paint('running', `${spin(theme, now)} ${text}`)} ${paint('dim', elapsed(now, since))}`, width)
  switch (view.kind) {
    case 'list':
      return list(model, width)
    case 'beginning':
      return {
        title: `Drill: ${view.drill.title}`,
        rows: [
          ...turning('The world is saved. Then something goes wrong in it …', view.since),
          '',
          ...wrap('That takes some seconds, up to a minute. The symptom is told when it can be seen.', width),
          ...wrap('The time starts then. Afterwards u brings the saved world back.', width),
        ],
      }
    case 'undoing':
      return { title: 'Drills', rows: turning('The world is put back to what it was before the drill …', view.since) }
    case 'interrupted':
      return {
        title: `Drill: ${view.drill.title}`,
        rows: [
          ...wrap(paint('blocked', `${theme.symbols.blocked} The background process ended while it began.`), width),
          ...wrap('u puts the world back to what it was before. Then begin it again.', width),
        ],
      }
    case 'running':
      return running(model, view, width)
    case 'solved':
      return solved(model, view, width)
  }
}

function list(model: Model, width: number): Written {
  const { state, theme, drills } = model
  if (!state) return { title: 'Drills', rows: [] }
  const head = [
    ...(drills.failed === undefined
      ? []
      : [...wrap(theme.paint('warning', `${theme.symbols.warning} ${inlineCode(drills.failed, theme)}`), width), '']),
    ...wrap(
      'Each puts a fault into your own world and tells the symptom. Find out why, and repair it by whatever route. The world is saved first, and u brings it back.',
      width,
    ),
    '',
  ]
  const rows = drillRows(state).map((row, at) => {
    const text = fitted(listRow(model, state, row, width - 4), width - 4)
    return at === drills.at ? `${theme.symbols.arrow} ${theme.paint('selection', ` ${text}`)}` : `   ${text}`
  })
  return { title: 'Drills', rows: [...head, ...rows], selected: head.length + drills.at }
}

function listRow({ theme }: Model, state: State, row: DrillRow, width: number): string {
  const { paint, symbols } = theme
  const mark = row.state === 'solved' ? paint('passed', symbols.passed) : paint('dim', symbols.open)
  const needed = row.needs === undefined ? undefined : stepOf(state.outline, row.needs)
  const note = needed
    ? `needs step ${needed.number}`
    : row.bestMs === undefined
      ? row.state
      : `${row.state}, best time ${durationText(row.bestMs)}`
  const title = cut(row.title, Math.max(8, width - cellWidth(note) - 4), symbols.ellipsis)
  return `${mark} ${title}  ${paint('dim', note)}`
}

function running(model: Model, { drill, attempt }: Attempt, width: number): Written {
  const { state, theme, now } = model
  const { paint, symbols } = theme
  const hints = drill.hints
    .slice(0, attempt.hints)
    .flatMap((hint, at) => [
      paint('accent', `${symbols.hint} Hint ${at + 1} of ${drill.hints.length}`),
      ...markdown(model, hint, width - 2).map((row) => `  ${row}`),
    ])
  return {
    title: `Drill: ${drill.title}, ${elapsed(now, attempt.startedAt)}`,
    rows: [
      ...markdown(model, drill.symptom, width),
      '',
      ...(state ? verdictHeads(state, drill, { width, theme, now }) : []),
      '',
      ...(hints.length === 0 ? [] : [...hints, '']),
      ...wrap(
        paint('dim', 'Find out why, in a shell (s) or a terminal of your own, and repair it by whatever route.'),
        width,
      ),
    ],
  }
}

function solved(model: Model, { drill, attempt }: Attempt, width: number): Written {
  const { theme } = model
  return {
    title: `Drill: ${drill.title}`,
    rows: [
      theme.paint('passed', `${theme.symbols.passed} Solved.`),
      ...field('took', tookText(attempt), width, theme),
      ...field('hints', `${attempt.hints} of ${drill.hints.length} used`, width, theme),
      '',
      ...markdown(model, drill.explanation, width),
    ],
  }
}

function tookText(attempt: DrillState): string {
  const took = tookOf(attempt) ?? 0
  const best = attempt.best === undefined || attempt.best >= took ? 'your best time' : durationText(attempt.best)
  return `${durationText(took)} (${best === 'your best time' ? best : `best time ${best}`})`
}

const markdown = ({ render, theme }: Model, text: string, width: number): readonly string[] =>
  render?.markdown(text, width) ?? wrap(inlineCode(text, theme), width)
