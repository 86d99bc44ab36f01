import { Marked, Parser, type RendererObject, type Token, type Tokens } from 'marked'
import { markedTerminal } from 'marked-terminal'
import type { Theme } from '../theme.ts'
import { cellWidth } from './cell.ts'
import { wrap } from './fit.ts'
import { renderCode } from './highlight.ts'
import { surround } from './sgr.ts'
import { tableRows } from './table.ts'

type Options = { readonly width: number; readonly theme: Theme }

/** Below this many cells, insets and bars give their room to the text. */
const NARROW = 12

/** Markdown as rows of at most `width` cells. */
export function renderMarkdown(markdown: string, { width, theme }: Options): string[] {
  const marked = new Marked()
  marked.use(markedTerminal(inlineStyles(theme)) as unknown as { renderer: RendererObject }, {
    renderer: linksOnce(theme),
  })
  /** Prose in one line, but for hard breaks. */
  const inline = (tokens: readonly Token[]): string =>
    new Parser(marked.defaults).parse([{ type: 'paragraph', raw: '', text: '', tokens: [...tokens] }]).trimEnd()
  return blocks(marked.lexer(markdown), width, theme, inline)
}

type Inline = (tokens: readonly Token[]) => string

/** Rows of blocks, with an empty one between them unless the list they are in is tight. */
function blocks(tokens: readonly Token[], width: number, theme: Theme, inline: Inline, tight = false): string[] {
  const parts = tokens.map((token) => block(token, width, theme, inline)).filter((rows) => rows.length > 0)
  return parts.flatMap((rows, at) => (at > 0 && !tight ? ['', ...rows] : rows))
}

function block(token: Token, width: number, theme: Theme, inline: Inline): string[] {
  const inner = token as Tokens.Generic
  const bar = theme.paint('border', `${theme.symbols.box.v} `)
  switch (token.type) {
    case 'heading':
      return wrap(theme.paint('heading', inline(inner.tokens ?? [])), width)
    case 'paragraph':
    case 'text':
      return wrap(inline(inner.tokens ?? [token]), width)
    case 'code':
      return renderCode(inner.text.replace(/\n+$/, ''), (inner.lang ?? '').split(/\s/)[0], { width, theme })
    case 'blockquote':
      return inset(bar, bar, width, (room) => blocks(inner.tokens ?? [], room, theme, inline))
    case 'list':
      return listRows(token as Tokens.List, width, theme, inline)
    case 'table': {
      const { header, rows, align } = token as Tokens.Table
      const text = (cell: Tokens.TableCell) => inline(cell.tokens)
      return tableRows({ header: header.map(text), rows: rows.map((row) => row.map(text)), align }, width, theme)
    }
    case 'hr':
      return [theme.paint('border', theme.symbols.box.h.repeat(Math.max(1, width)))]
    case 'html': {
      const text = inner.raw.replace(/<!--[\s\S]*?(?:-->|$)/g, '').trim()
      return text === '' ? [] : wrap(theme.paint('dim', text), width)
    }
    default:
      return []
  }
}

function listRows(
  { items, ordered, start, loose }: Tokens.List,
  width: number,
  theme: Theme,
  inline: Inline,
): string[] {
  const first = Number(start) || (start === 0 ? 0 : 1)
  const digits = String(first + items.length - 1).length
  const lists = items.map(({ task, checked, tokens }, at) => {
    const number = `${first + at}.`.padStart(digits + 1)
    const box = task ? `[${checked ? 'x' : ' '}] ` : ''
    const marker = `${ordered ? number : theme.symbols.bullet} ${box}`
    const indent = ' '.repeat(cellWidth(marker))
    return inset(theme.paint('dim', marker), indent, width, (room) => blocks(tokens, room, theme, inline, !loose))
  })
  return lists.flatMap((rows, at) => (at > 0 && loose ? ['', ...rows] : rows))
}

/** Rows that begin with something: the first with `first`, the others with `rest`, which is as wide. */
function inset(first: string, rest: string, width: number, rows: (room: number) => string[]): string[] {
  const room = width - cellWidth(first)
  if (room < NARROW) return rows(width)
  return rows(room).map((row, at) => (at === 0 ? first : rest) + row)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: '\u00a0' }

function inlineStyles(theme: Theme) {
  const coloured = theme.paint('code', 'x') !== 'x'
  return {
    emoji: false,
    unescape: false,
    text: (text: string) =>
      text.replaceAll('\n', ' ').replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name) => ENTITIES[name]!),
    strong: (text: string) => theme.paint('strong', text),
    em: (text: string) => surround(['3'], text),
    del: (text: string) => surround(['9'], text),
    codespan: (text: string) => theme.paint('code', coloured ? text : `\`${text}\``),
    html: (text: string) => theme.paint('dim', text),
    paragraph: (text: string) => text,
    image: (href: string, _title: string | null, text: string) => `${text} (${theme.paint('link', href)})`,
  }
}

/** Links as `text (url)`, and as the URL alone where that is the text; an address that is no URL is only its text. */
function linksOnce(theme: Theme): RendererObject {
  return {
    link({ href, text, tokens }) {
      const url = href.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
      if (text === href || `mailto:${text}` === href) return theme.paint('link', text)
      const shown = this.parser.parseInline(tokens)
      return url.startsWith('#') ? shown : `${shown} (${theme.paint('link', url)})`
    },
  }
}
