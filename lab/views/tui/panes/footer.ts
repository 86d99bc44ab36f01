import { offerOf } from '../../../engine/offer.ts'
import { awaitedActors, foreground } from '../../../engine/select.ts'
import { taskState } from '../../../engine/state.ts'
import { demoStatus } from '../../demo-status.ts'
import { durationText } from '../../duration.ts'
import { drillView } from '../drills/view.ts'
import { type Binding, bindings } from '../keymap.ts'
import { isShownPassed, type Model } from '../model.ts'
import { cellWidth } from '../text/cell.ts'
import { cut } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'
import { elapsed, spin } from './rows.ts'

/** What goes on, and the keys that do something now: as many as there is room for, never without help and leaving. */
export function footerRow(model: Model, columns: number): string {
  const { theme } = model
  const room = columns - 2
  const shown = bindings(model).filter(({ label }) => label !== undefined)
  const last = shown.filter(({ act }) => act === 'help' || act === 'leave')
  let keys = shown.filter((binding) => !last.includes(binding))
  const status = statusOf(model)
  const least = widthOf([...keys.slice(0, 2), ...last], model) + 2
  const left = status === '' ? '' : `${cut(status, Math.max(16, room - least), theme.symbols.ellipsis)}  `
  while (keys.length > 0 && cellWidth(left) + widthOf([...keys, ...last], model) > room) keys = keys.slice(0, -1)
  return cut(
    ` ${left}${[...keys, ...last].map((binding) => keyText(binding, model)).join('  ')}`,
    columns,
    theme.symbols.ellipsis,
  )
}

const keyText = ({ key, label }: Binding, { theme }: Model): string => `${theme.paint('key', key)} ${label}`

const widthOf = (list: readonly Binding[], model: Model): number =>
  list.reduce((sum, binding) => sum + cellWidth(keyText(binding, model)) + 2, -2)

/** What goes on without the learner. */
function statusOf(model: Model): string {
  const { state, theme, now, link, overlay, page, waiting } = model
  const { paint } = theme
  const turning = (text: string) => paint('running', `${spin(theme, now)} ${text}`)
  if (overlay?.kind === 'undo') return paint('warning', 'Put the world back?')
  if (overlay?.kind === 'leave') return paint('warning', 'A command runs, and goes on when you leave.')
  if (link.kind === 'starting') return turning(`starts, ${elapsed(now, link.since)}`)
  if (model.demo && state && !overlay && link.kind === 'up') {
    const { tone, text: plain } = demoStatus(model.demo, state, now)
    const text = inlineCode(plain, theme)
    return tone === 'running' ? turning(text) : paint(tone, text)
  }
  if (page === 'drills' && !overlay && link.kind === 'up') return drillStatus(model)
  if (page !== 'lab' || overlay || !state || link.kind !== 'up') return ''
  const busy = foreground(state)
  if (busy) {
    const since = taskState(state, busy.task).actions[busy.action]?.startedAt ?? now
    return turning(`runs, ${elapsed(now, since)}`)
  }
  if (waiting === 'nudge') return turning('asks them to hurry')
  if (waiting === 'check') return turning('checks')
  if (isShownPassed(model)) return ''
  const offer = offerOf(state)
  if (offer.kind === 'wait')
    return paint('pending', `${theme.symbols.pending} ${waitText(offer.actor, offer.until, now)}`)
  if (offer.kind === 'drill') return paint('warning', `${theme.symbols.warning} the drill ${offer.drill} is under way`)
  if (offer.kind === 'act') {
    const check = taskState(state, offer.task).checks[offer.check]
    return check?.verdict.kind === 'broken'
      ? paint('broken', `${theme.symbols.broken} the lab itself is broken`)
      : paint('blocked', `${theme.symbols.blocked} your move`)
  }
  return ''
}

function drillStatus(model: Model): string {
  const { state, theme, now, waiting } = model
  const { paint, symbols } = theme
  const turning = (text: string) => paint('running', `${spin(theme, now)} ${text}`)
  const view = drillView(model)
  if (view.kind === 'beginning') return turning(`begins, ${elapsed(now, view.since)}`)
  if (view.kind === 'undoing') return turning(`puts the world back, ${elapsed(now, view.since)}`)
  if (view.kind !== 'running') return ''
  if (waiting === 'nudge') return turning('asks them to hurry')
  const [actor] = state ? awaitedActors(state) : []
  return actor === undefined
    ? paint('warning', `${symbols.warning} ${elapsed(now, view.attempt.startedAt)}`)
    : paint('pending', `${symbols.pending} ${actor} acts next`)
}

/** The time first: it is what changes, and a long name may be cut. */
const waitText = (actor: string, until: number | undefined, now: number): string =>
  until === undefined || until <= now ? `${actor} acts next` : `${durationText(until - now)}: ${actor}`
