import { cellWidth } from './cell.ts'
import { cut } from './fit.ts'
import { applySgr, NO_STYLE, type Style, sgrBetween } from './sgr.ts'

const MOST_LINES = 5_000
const MOST_CELLS = 4_000
/** Of one line, so that characters without width and changes of colour cannot fill the memory. */
const MOST_UNITS = 16_000
/** Of all lines together. */
const MOST_TOTAL = 4_000_000
/** A longer code is no code that anybody wrote. */
const LONGEST_CODE = 128

const SPECIAL = /[\u0000-\u001f\u007f-\u009f]/g
/** ECMA-48 §5.4: parameters, intermediates, a final. */
const CSI = /(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~])/y
/** ECMA-48 §8.3: DCS, SOS, OSC, PM, APC open a string that BEL (xterm) or ST ends. */
const STRING = /\u001b[PX\]^_]|[\u0090\u0098\u009d-\u009f]/y
const ESCAPE = /\u001b[ -/]*[0-~]/y
const UNFINISHED = /(?:\u001b(?:\[[0-?]*[ -/]*|[ -/]*)|\u009b[0-?]*[ -/]*)$/y
const STRING_END = /[\u0007\u0018\u001a\u001b\u009c\n]/g
/** Turns the order of a row around (UAX #9), or breaks it. */
const ORDER = /[\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g

/**
 * Output of a command as lines that are safe to show: SGR is kept and closed in each line, other codes are dropped, a
 * carriage return replaces its line, the oldest lines give way.
 */
export class Feed {
  /** Counts what was appended, so that a view knows whether to look again. */
  version = 0
  /** How many lines have given way; line `n` of `lines()` is line `dropped + n` of the output. */
  dropped = 0
  #done: string[] = []
  #total = 0
  #text = ''
  #width = 0
  #full = false
  #returned = false
  #style: Style = NO_STYLE
  #written: Style = NO_STYLE
  #pending = ''
  #inString = false

  append(chunk: string): void {
    if (chunk === '') return
    this.version++
    const text = this.#pending + chunk
    this.#pending = ''
    let at = 0
    while (at < text.length) at = this.#inString ? this.#skipString(text, at) : this.#take(text, at)
  }

  /** What there is, with the line that has not ended yet. */
  lines(): readonly string[] {
    this.#trim()
    return this.#text === '' ? this.#done.slice() : [...this.#done, this.#closed()]
  }

  #take(text: string, at: number): number {
    SPECIAL.lastIndex = at
    const special = SPECIAL.exec(text)?.index ?? text.length
    if (special > at) {
      // Half a surrogate pair waits for its other half.
      const half = special === text.length && /[\ud800-\udbff]$/.test(text) ? 1 : 0
      if (half === 1) this.#pending = text.slice(-1)
      this.#print(text.slice(at, special - half))
      return special
    }
    const char = text[at]!
    if (char === '\n') this.#newline()
    else if (char === '\r') this.#returned = true
    else if (char === '\b') this.#backspace()
    else if (char === '\t') this.#print(' '.repeat(8 - (this.#returned ? 0 : this.#width % 8)))
    else return this.#code(text, at)
    return at + 1
  }

  #code(text: string, at: number): number {
    const csi = matchAt(CSI, text, at)
    if (csi) {
      const [, parameters = '', intermediates, final] = csi
      if (final === 'm' && !intermediates && parameters.length <= LONGEST_CODE && /^[\d;:]*$/.test(parameters))
        this.#style = applySgr(this.#style, `\u001b[${parameters}m`)
      else if (final === 'K' && (this.#returned || parameters === '1' || parameters === '2')) this.#clear()
      return at + csi[0].length
    }
    const string = matchAt(STRING, text, at)
    if (string) {
      this.#inString = true
      return at + string[0].length
    }
    const unfinished = matchAt(UNFINISHED, text, at)
    if (unfinished) {
      if (unfinished[0].length <= LONGEST_CODE) this.#pending = unfinished[0]
      return text.length
    }
    return at + (matchAt(ESCAPE, text, at)?.[0].length ?? 1)
  }

  #skipString(text: string, at: number): number {
    STRING_END.lastIndex = at
    const end = STRING_END.exec(text)
    if (!end) return text.length
    this.#inString = false
    return end.index + (end[0] === '\n' || end[0] === '\u001b' ? 0 : 1)
  }

  #print(raw: string): void {
    if (this.#returned) this.#clear()
    if (this.#full || raw === '') return
    const text = raw
      .slice(0, MOST_UNITS)
      .replace(ORDER, '')
      .replace(/\p{Cs}/gu, '\ufffd')
    const width = cellWidth(text)
    const code = sgrBetween(this.#written, this.#style)
    if (this.#width + width > MOST_CELLS || this.#text.length + code.length + text.length > MOST_UNITS) {
      this.#full = true
      this.#text += `${code}${cut(text.slice(0, MOST_CELLS), Math.max(0, MOST_CELLS - 1 - this.#width), '')}…`
    } else {
      this.#text += code + text
      this.#width += width
    }
    this.#written = this.#style
  }

  #newline(): void {
    const line = this.#closed()
    this.#done.push(line)
    this.#total += line.length
    this.#clear()
    if (this.#done.length >= 2 * MOST_LINES || this.#total >= 2 * MOST_TOTAL) this.#trim()
  }

  #closed(): string {
    return this.#text + sgrBetween(this.#written, NO_STYLE)
  }

  #clear(): void {
    this.#text = ''
    this.#width = 0
    this.#full = false
    this.#returned = false
    this.#written = NO_STYLE
  }

  /** Takes the last character away: what follows a backspace is written over it. */
  #backspace(): void {
    if (this.#full || this.#returned) return
    let end = this.#text.length
    for (;;) {
      const code = /\u001b\[[\d;]*m$/.exec(this.#text.slice(Math.max(0, end - LONGEST_CODE), end))
      if (!code) break
      end -= code[0].length
    }
    const last = /[\s\S]$/u.exec(this.#text.slice(Math.max(0, end - 2), end))?.[0] ?? ''
    this.#text = this.#text.slice(0, end - last.length) + this.#text.slice(end)
    this.#width = Math.max(0, this.#width - cellWidth(last))
  }

  #trim(): void {
    let gone = Math.max(0, this.#done.length - MOST_LINES)
    for (let at = 0; at < gone; at++) this.#total -= this.#done[at]!.length
    while (this.#total > MOST_TOTAL) this.#total -= this.#done[gone++]!.length
    if (gone > 0) this.#done = this.#done.slice(gone)
    this.dropped += gone
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
