import { renderDiff } from './text/diff.ts'
import { chop } from './text/fit.ts'
import { highlight } from './text/highlight.ts'
import { renderMarkdown } from './text/markdown.ts'
import type { Theme } from './theme.ts'

/** Makes rows of Markdown, code and diffs. Loaded after the first frame: it is the heaviest part of the UI. */
export type Renderer = {
  markdown(text: string, width: number): readonly string[]
  code(text: string, language: string, width: number): readonly string[]
  diff(text: string, width: number): readonly string[]
}

const KEPT = 400

/** What was rendered is kept: the same text at the same width is asked for with every frame. */
export function createRenderer(theme: Theme): Renderer {
  const known = new Map<string, readonly string[]>()
  const kept = (key: string, make: () => readonly string[]): readonly string[] => {
    const before = known.get(key)
    if (before) return before
    if (known.size >= KEPT) known.clear()
    const rows = make()
    known.set(key, rows)
    return rows
  }
  return {
    markdown: (text, width) => kept(`markdown ${width} ${text}`, () => renderMarkdown(text, { width, theme })),
    diff: (text, width) => kept(`diff ${width} ${text}`, () => renderDiff(text, { width, theme })),
    code: (text, language, width) =>
      kept(`code ${width} ${language} ${text}`, () =>
        highlight(text.replace(/\n$/, ''), language, theme).flatMap((row) => chop(row, width, theme.symbols.continued)),
      ),
  }
}
