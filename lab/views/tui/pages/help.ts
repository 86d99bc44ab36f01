import { bindings } from '../keymap.ts'
import type { Model } from '../model.ts'
import { fitted, wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'

/** The keys that do something now, and how the screen is read. */
export function helpRows(model: Model, width: number): readonly string[] {
  const { theme } = model
  const { paint, symbols } = theme
  const keys = bindings({ ...model, overlay: undefined }).map(({ key, help }) => [key, help] as const)
  const signs = [
    [symbols.passed, 'passed', 'it holds'],
    [symbols.pending, 'pending', 'somebody else acts next: who and when is said; f skips the wait'],
    [symbols.blocked, 'blocked', 'you act next: expected, found and the next move are said'],
    [symbols.broken, 'broken', 'the lab itself does not work'],
  ] as const
  const line = (name: string, text: string) =>
    wrap(inlineCode(text, theme), Math.max(8, width - 12)).map(
      (row, at) => `${paint('key', fitted(at === 0 ? name : '', 10))}  ${row}`,
    )
  return [
    paint('heading', 'Keys'),
    ...keys.flatMap(([key, help]) => line(key, help)),
    '',
    paint('heading', 'Verdicts'),
    ...signs.flatMap(([symbol, name, text]) => line(`${symbol} ${name}`, text)),
    '',
    ...wrap(
      inlineCode(
        'Checks look at the state of the world, never at what was typed. Every command can be typed in a terminal of your own: `gitops-lab shell` opens one that leads to the lab, and the checks here turn green all the same.',
        theme,
      ),
      width,
    ),
  ]
}
