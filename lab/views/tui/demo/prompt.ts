import { promptOf } from '../../../engine/demo-state.ts'
import type { Model } from '../model.ts'
import { wrap } from '../text/fit.ts'

/** The rows of the prompt, below the output. */
export function promptRows({ demo, state, theme, log }: Model, width: number): readonly string[] {
  const prompt = demo && state && promptOf(demo, state)
  if (!prompt || (prompt.kind === 'own' && !prompt.ready)) return []
  const { paint } = theme
  const cursor = paint('selection', ' ')
  const gap = log.version > 0 ? [''] : []
  if (prompt.kind === 'edit' || prompt.kind === 'write') {
    return [...gap, `${paint('accent', theme.symbols.current)} ${paint('strong', `${prompt.kind} ${prompt.text}`)}`]
  }
  const lines = prompt.text.split('\n')
  return [
    ...gap,
    ...lines.flatMap((line, at) =>
      wrap(
        `${paint('accent', at === 0 ? '$' : '>')} ${paint('strong', line)}${at === lines.length - 1 ? cursor : ''}`,
        width,
      ),
    ),
  ]
}
