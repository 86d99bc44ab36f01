import { type DrillRow, findDrill, tookOf } from '../engine/drill.ts'
import type { State } from '../engine/state.ts'
import { durationText } from './duration.ts'
import type { Palette } from './palette.ts'

/** The lines of the list of drills. */
export function drillLines(rows: readonly DrillRow[], colours: Palette, now: number): readonly string[] {
  const width = Math.max(0, ...rows.map(({ name }) => name.length))
  return rows.flatMap((row) => {
    const tone = { new: colours.faint, running: colours.wait, solved: colours.good }[row.state]
    const time =
      row.state === 'running' && row.startedAt !== undefined
        ? ` (for ${durationText(now - Date.parse(row.startedAt))})`
        : row.bestMs === undefined
          ? ''
          : ` (best time ${durationText(row.bestMs)})`
    const needs = row.needs === undefined ? '' : colours.faint(` needs ${row.needs}`)
    const line = `${tone(row.state.padEnd(8))} ${row.name.padEnd(width)}  ${row.title}${colours.faint(time)}${needs}`
    return row.symptom === undefined ? [line] : [line, `         ${row.symptom}`]
  })
}

/** `stuck-rollout in 1:23 (best time 0:58, 1 hint)`: how a drill was solved. */
export function drillSolvedText(state: State, name: string): string {
  const attempt = state.drills[name]
  if (!attempt) return name
  const { best, hints } = attempt
  const notes = [
    ...(best === undefined ? [] : [`best time ${durationText(best)}`]),
    `${hints === 0 ? 'no' : hints} hint${hints === 1 ? '' : 's'}`,
  ]
  return `${name} in ${durationText(tookOf(attempt) ?? 0)} (${notes.join(', ')})`
}

/** What is told when a drill is solved: how long it took, and what was wrong. */
export const solvedLines = (state: State, name: string, colours: Palette): readonly string[] => [
  colours.good(`solved ${drillSolvedText(state, name)}`),
  '',
  ...(findDrill(state.outline, name)?.explanation ?? '').split('\n'),
]
