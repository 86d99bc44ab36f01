import { eastAsianWidth } from 'get-east-asian-width'

/** What one reader calls a character, and how many cells a terminal gives it. An SGR code is one of width 0. */
export type Grapheme = { readonly text: string; readonly width: number }

const SGR = /\u001b\[[\d;:]*m/g

/** Blocks without wide, combining or invisible characters: the letters and symbols that most rows are made of. */
const PLAIN =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0391-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u22ff\u2500-\u25fc\u2713-\u2718\u2800-\u28ff]*$/

const ASCII = /^[ -~]*$/

/** Intl.Segmenter takes time by the square of the length; before an ASCII character a text may be parted. */
const PART = /[\s\S]{1,512}[^ -~]{0,128}/gu

const asciiGraphemes: readonly Grapheme[] = Array.from({ length: 0x7f }, (_, code) => ({
  text: String.fromCharCode(code),
  width: 1,
}))

/** Whether each UTF-16 unit of a text is a character of one cell, as far as can be told quickly. */
export const isPlain = (text: string): boolean => PLAIN.test(text)

/** Parts a text into graphemes and SGR codes, in order. Halves of surrogate pairs become U+FFFD. */
export function graphemes(text: string): Grapheme[] {
  if (!text.includes('\u001b[')) return segments(text)
  const found: Grapheme[] = []
  let from = 0
  for (const match of text.matchAll(SGR)) {
    if (match.index > from) found.push(...segments(text.slice(from, match.index)))
    found.push({ text: match[0], width: 0 })
    from = match.index + match[0].length
  }
  if (from < text.length) found.push(...segments(text.slice(from)))
  return found
}

/** The cells that a text takes on a terminal; SGR codes and control characters take none. */
export function cellWidth(text: string): number {
  const visible = text.includes('\u001b[') ? text.replace(SGR, '') : text
  if (isPlain(visible)) return visible.length
  let width = 0
  for (const grapheme of segments(visible)) width += grapheme.width
  return width
}

function segments(text: string): Grapheme[] {
  if (ASCII.test(text)) return Array.from(text, (char) => asciiGraphemes[char.charCodeAt(0)]!)
  if (PLAIN.test(text)) return Array.from(text, (char) => ({ text: char, width: 1 }))
  const { segmenter, loneSurrogate } = unicode()
  const parts = text.replace(loneSurrogate, '\ufffd').match(PART) ?? []
  return parts.flatMap((part) =>
    Array.from(segmenter.segment(part), ({ segment }) => ({ text: segment, width: graphemeWidth(segment) })),
  )
}

/** The rules of the string-width package, which Ink measures by: emoji, then East Asian Width of the base (UAX #11). */
function graphemeWidth(segment: string): number {
  const { visible, emoji, pictographs, spacing } = unicode()
  const start = segment.search(visible)
  if (start < 0) return 0
  if (emoji.test(segment)) return 2
  if (segment.includes('\u200d') && (segment.match(pictographs)?.length ?? 0) > 1) return 2
  let width = 0
  for (const char of segment.slice(start)) {
    if (width === 0 || spacing.test(char)) width += eastAsianWidth(char.codePointAt(0)!)
  }
  return width
}

type Unicode = {
  readonly segmenter: Intl.Segmenter
  readonly visible: RegExp
  readonly emoji: RegExp
  readonly pictographs: RegExp
  readonly spacing: RegExp
  readonly loneSurrogate: RegExp
}

let tables: Unicode | undefined

/** Made when the first text needs it: ICU and these expressions take some ms to load. */
function unicode(): Unicode {
  tables ??= {
    segmenter: new Intl.Segmenter(undefined, { granularity: 'grapheme' }),
    visible: /[^\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}\p{Cs}]/u,
    emoji: /^(?:\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})|\p{RI}\p{RI}|[\d#*]\ufe0f?\u20e3)$/u,
    pictographs: /\p{Extended_Pictographic}/gu,
    spacing: /[\p{Mc}\uff00-\uffef]/u,
    loneSurrogate: /\p{Cs}/gu,
  }
  return tables
}
