import type { Row, Summary } from '../engine/report.ts'
import { durationText } from './duration.ts'
import type { Palette } from './palette.ts'

/** The lines of one verdict. `full` adds what was expected, the cause and the next move of a pending one too. */
export function rowLines(row: Row, colours: Palette, now: number, full = false): readonly string[] {
  const tone = { passed: colours.good, pending: colours.wait, blocked: colours.bad, broken: colours.bad }[row.verdict]
  const head = `${tone(row.verdict.padEnd(8))} ${colours.faint(`${row.step}/${row.task}`)}  ${row.check}`
  if (row.verdict === 'passed') return [row.evidence ? `${head} ${colours.faint(`(${row.evidence})`)}` : head]
  if (row.verdict === 'pending' && !full) return [`${head}: ${row.found}; ${whoActs(row, now)}`]
  const fields: [string, string | undefined][] = [
    ['expected', row.expected],
    ['found', row.found],
    ['cause', row.cause?.text],
    ['waits for', row.verdict === 'pending' ? whoActs(row, now) : undefined],
    ['next', row.next ?? (row.verdict === 'pending' ? 'Nothing to do for you: wait' : undefined)],
  ]
  return [head, ...fields.flatMap(([name, text]) => (text === undefined ? [] : field(name, text, colours)))]
}

const field = (name: string, text: string, colours: Palette): readonly string[] =>
  text.split('\n').map((line, at) => `  ${colours.faint((at === 0 ? name : '').padEnd(9))} ${line}`)

const whoActs = ({ actor, until }: Row, now: number): string => {
  const left = until === undefined ? undefined : Date.parse(until) - now
  if (left === undefined) return `${actor} acts next`
  return left > 0 ? `${actor} acts next, in ${durationText(left)} at the latest` : `${actor} acts next, any moment`
}

/** The closing lines of a run, and the body of `status`. */
export function summaryLines(summary: Summary, colours: Palette): readonly string[] {
  const { steps, checks, current, probe, pushToServedMs, startedAt, finishedAt } = summary
  const field = (name: string, text: string) => `${colours.faint(name.padEnd(16))}${text}`
  return [
    field('steps', `${steps.passed} of ${steps.total} done`),
    field('checks', `${checks.passed} of ${checks.total} passed`),
    ...(current ? [field('now at', `${current.step}/${current.task}: ${current.title}`)] : []),
    ...(startedAt !== undefined && finishedAt !== undefined
      ? [field('took', durationText(finishedAt - startedAt))]
      : []),
    ...(pushToServedMs === undefined ? [] : [field('push to served', durationText(pushToServedMs))]),
    ...(probe ? [field('requests', `${probe.served} served, ${probe.lost} lost`)] : []),
  ]
}
