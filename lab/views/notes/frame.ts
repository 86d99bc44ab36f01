import { cut, wrap } from '../tui/text/fit.ts'
import { inlineCode } from '../tui/text/inline.ts'
import { renderMarkdown } from '../tui/text/markdown.ts'
import type { Theme } from '../tui/theme.ts'
import type { NotesContent } from './content.ts'

export type NotesView = {
  readonly content: NotesContent
  readonly theme: Theme
  readonly columns: number
  readonly rows: number
  /** Why a key was of no use. */
  readonly notice?: string
  /** Whether keys can be pressed. */
  readonly keys?: boolean
}

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ['Enter', 'next'],
  ['t', 'type at once'],
  ['o', 'take over'],
  ['p', 'freeze'],
  ['b', 'blank'],
  ['g', 'steps'],
  ['q', 'leave the notes'],
]

/** The notes on a terminal: as many rows as it has. */
export function notesFrame({ content, theme, columns, rows, notice, keys = true }: NotesView): readonly string[] {
  const { paint } = theme
  const width = Math.max(20, columns - 2)
  const label = (name: string, ...text: readonly string[]) => ['', paint('dim', name), ...text]
  const head = [
    paint('heading', content.title),
    ...wrap(paint('strong', content.place), width),
    ...wrap(paint(content.tone, inlineCode(content.status, theme)), width),
    ...(content.time === '' ? [] : [paint(content.late ? 'warning' : 'passed', content.time)]),
  ]
  const notes = content.notes.flatMap((markdown) => renderMarkdown(markdown, { width, theme }))
  const body = [
    ...label('notes', ...(notes.length > 0 ? notes : ['None for this task.'])),
    ...(content.command === undefined
      ? []
      : label('command', ...content.command.split('\n').flatMap((line) => wrap(paint('code', line), width)))),
    ...(content.following === undefined ? [] : label('then', ...wrap(content.following, width))),
    ...(content.steps.length === 0
      ? []
      : label(
          'time',
          ...content.steps.map(
            ({ name, time, now }) => `${paint(now ? 'focus' : 'text', name)}  ${paint('dim', time)}`,
          ),
        )),
  ]
  const foot = [
    ...(notice === undefined ? [] : wrap(paint('warning', inlineCode(notice, theme)), width)),
    ...(keys ? [KEYS.map(([key, does]) => `${paint('key', key)} ${does}`).join('  ')] : []),
  ]
  const room = Math.max(0, rows - head.length - foot.length - 1)
  const shown =
    body.length > room ? [...body.slice(0, Math.max(0, room - 1)), paint('dim', theme.symbols.ellipsis)] : body
  const blank = Array.from({ length: Math.max(0, rows - head.length - shown.length - foot.length) }, () => '')
  return [...head, ...shown, ...blank, ...foot]
    .slice(0, rows)
    .map((row) => cut(` ${row}`, columns, theme.symbols.ellipsis))
}
