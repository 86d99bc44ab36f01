import { durationText } from '../../duration.ts'
import { fitted, wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'
import type { Theme } from '../theme.ts'

/** Text rows with a margin of one cell at both sides. */
export const inner = (width: number): number => Math.max(1, width - 2)

/** A labelled paragraph, as `found     none` with its continuation below the text; code in the looks of code. */
export function field(name: string, text: string, width: number, theme: Theme): readonly string[] {
  const label = 9
  return wrap(inlineCode(text, theme), Math.max(8, width - label - 1)).map(
    (row, at) => `${theme.paint('dim', fitted(at === 0 ? name : '', label))} ${row}`,
  )
}

/** A time that passed, which a clock that jumps back makes nothing. */
export const elapsed = (now: number, since: number): string => durationText(Math.max(0, now - since))

/** Who acts next, and when. */
export function whoActs(actor: string, until: number | undefined, now: number, does?: string): string {
  const who = does === undefined ? `${actor} acts next` : `${actor}: ${does}`
  if (until === undefined) return who
  const left = until - now
  return left > 0 ? `${who}, in ${durationText(left)} at the latest` : `${who}, any moment`
}

/** The picture of now in a spinner of a theme. */
export const spin = ({ symbols }: Theme, now: number): string =>
  symbols.spinner[Math.floor(now / 250) % symbols.spinner.length] ?? ''
