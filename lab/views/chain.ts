import type { Chain, ChainLink } from '../engine/chain.ts'
import { durationText } from './duration.ts'
import type { Palette } from './palette.ts'

/** The lines of a chain, one a station. */
export function chainLines({ links, problem }: Chain, colours: Palette, now: number): readonly string[] {
  if (problem !== undefined) return [colours.bad(`it cannot be told where the last change is: ${problem}`)]
  const width = Math.max(0, ...links.map(({ title }) => title.length))
  return links.map((link) => {
    const { title, state, what, note } = link
    const tone = { done: colours.good, running: colours.wait, waiting: colours.wait, failed: colours.bad }
    const shown = state === 'unknown' ? colours.faint('-'.padEnd(7)) : tone[state](state.padEnd(7))
    return [title.padEnd(width), shown, what, whoActs(link, now), note && colours.faint(`(${note})`)]
      .filter(Boolean)
      .join('  ')
  })
}

function whoActs({ actor, action, due }: ChainLink, now: number): string | undefined {
  if (actor === undefined) return undefined
  const who = action === undefined ? actor : `${actor}: ${action}`
  if (due === undefined) return who
  return due > now ? `${who}, in ${durationText(due - now)} at the latest` : `${who}, any moment`
}
