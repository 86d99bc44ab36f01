import { expect, it } from 'vitest'
import { themeOf } from '../theme.ts'
import { inlineCode } from './inline.ts'
import { renderMarkdown } from './markdown.ts'

const TEXT = 'Run `git push`, then `gitops-lab check`; a lone ` stays.'

it.each(['truecolor', 'none'] as const)('paints code as the renderer of Markdown does, with %s', (colours) => {
  const theme = themeOf({ background: 'dark', colours, ascii: false })
  expect([inlineCode(TEXT, theme)]).toEqual(renderMarkdown(TEXT, { width: 200, theme }))
})
