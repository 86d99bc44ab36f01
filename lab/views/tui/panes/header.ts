import { tasksOf } from '../../../engine/outline.ts'
import type { ProbeReport } from '../../../engine/ports.ts'
import { isPassed } from '../../../engine/state.ts'
import { type Model, stepOnScreen, taskOnScreen } from '../model.ts'
import { cellWidth } from '../text/cell.ts'
import { cut } from '../text/fit.ts'

/** Where the learner is, and how far. */
export function headerRow(model: Model, columns: number): string {
  const { theme, state, probe, looking } = model
  const { paint, symbols } = theme
  const [step, task] = [stepOnScreen(model), taskOnScreen(model)]
  const wide = columns >= 80
  const title = step && (wide ? `${step.title} ` : '')
  const place =
    model.page === 'lab' && state && step && task
      ? `${looking === undefined ? '' : paint('warning', 'looking at ')}${step.number}/${state.outline.steps.length} ${title}${paint('dim', symbols.arrow)} ${paint('strong', task.title)}`
      : (model.course?.title ?? '')
  const right = [
    ...(probe && state?.probe.running ? [requests(model, probe, wide)] : []),
    ...(state && model.page !== 'welcome' ? [bar(model, columns >= 100 ? 20 : wide ? 10 : 5)] : []),
  ].join('  ')
  const room = columns - 2 - cellWidth(right) - (right === '' ? 0 : 2)
  const left = cut(
    `${model.page === 'lab' ? '' : `${paint('heading', 'gitops-lab')}  `}${place}`,
    Math.max(10, room),
    symbols.ellipsis,
  )
  const gap = ' '.repeat(Math.max(1, columns - 2 - cellWidth(left) - cellWidth(right)))
  return cut(` ${left}${gap}${right}`, columns, symbols.ellipsis)
}

/** Lost requests are told wherever there is room for nothing else. */
function requests({ theme }: Model, { served, lost }: ProbeReport, wide: boolean): string {
  const bad = theme.paint(lost === 0 ? 'dim' : 'blocked', `${lost} lost`)
  return wide ? `${theme.paint('passed', `${served} served`)} ${bad}` : bad
}

function bar({ theme, state }: Model, width: number): string {
  const tasks = state ? tasksOf(state.outline) : []
  const done = tasks.filter(({ key }) => state && isPassed(state, key)).length
  const full = tasks.length === 0 ? 0 : Math.floor((done / tasks.length) * width)
  const { full: one, empty } = theme.symbols.bar
  return `${theme.paint('passed', one.repeat(full))}${theme.paint('border', empty.repeat(width - full))} ${done}/${tasks.length}`
}
