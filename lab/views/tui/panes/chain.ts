import type { ChainLink } from '../../../engine/chain.ts'
import type { Model } from '../model.ts'
import { cellWidth } from '../text/cell.ts'
import { cut, fitted, wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'
import type { Role, Theme } from '../theme.ts'
import { whoActs } from './rows.ts'

const LOOKS = {
  done: ['passed', 'passed'],
  running: ['running', 'running'],
  waiting: ['pending', 'pending'],
  failed: ['blocked', 'blocked'],
  unknown: ['open', 'dim'],
} as const satisfies Record<ChainLink['state'], readonly [keyof Theme['symbols'], Role]>

const mark = ({ state }: ChainLink, theme: Theme): string => {
  const [symbol, role] = LOOKS[state]
  return theme.paint(role, theme.symbols[symbol])
}

/** Where the learner's last change is, a station a row, and who acts next. */
export function chainRows({ chain, theme, now }: Model, width: number): readonly string[] {
  if (!chain) return []
  if (chain.problem !== undefined) return wrap(theme.paint('broken', `It cannot be told: ${chain.problem}`), width)
  const titles = Math.min(18, Math.max(0, ...chain.links.map(({ title }) => cellWidth(title))))
  return chain.links.flatMap((link) => {
    const what = link.what ?? (link.state === 'unknown' ? theme.paint('dim', 'not yet') : link.state)
    const row = `${mark(link, theme)} ${fitted(link.title, titles)}  ${what}`
    return [
      cut(row, width, theme.symbols.ellipsis),
      ...detail(link, theme, now).flatMap((text) => wrap(text, width - 4).map((part) => `    ${part}`)),
    ]
  })
}

function detail({ state, actor, action, due, note }: ChainLink, theme: Theme, now: number): readonly string[] {
  const acts = actor !== undefined && (state === 'waiting' || state === 'running')
  const who = actor === 'you' ? `you: ${action ?? 'act'}` : acts ? whoActs(actor, due, now, action) : ''
  return [
    ...(acts ? [theme.paint(state === 'waiting' ? 'pending' : 'running', inlineCode(who, theme))] : []),
    ...(note === undefined ? [] : [theme.paint(state === 'failed' ? 'blocked' : 'dim', inlineCode(note, theme))]),
  ]
}

/** The same in one row. */
export function chainStrip({ chain, theme, now }: Model, width: number): string {
  if (!chain) return ''
  if (chain.problem !== undefined) return cut(theme.paint('broken', `chain: ${chain.problem}`), width)
  const arrow = ` ${theme.paint('border', theme.symbols.arrow)} `
  const parts = chain.links.map((link) => {
    const title = link.state === 'unknown' ? theme.paint('dim', link.title) : link.title
    const what = link.what === undefined || link.state === 'unknown' ? '' : ` ${theme.paint('strong', link.what)}`
    return `${mark(link, theme)} ${title}${what}`
  })
  const whole = parts.join(arrow)
  if (cellWidth(whole) <= width) return whole
  const short = chain.links.map((link) => `${mark(link, theme)} ${link.title}`).join(arrow)
  const busy = chain.links.find(({ state }) => state === 'running' || state === 'waiting' || state === 'failed')
  const note =
    busy?.actor && cellWidth(short) + 20 < width ? `  ${theme.paint('dim', whoActs(busy.actor, busy.due, now))}` : ''
  return cut(short + note, width, theme.symbols.ellipsis)
}
