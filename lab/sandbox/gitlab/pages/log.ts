import { html } from 'hono/html'
import type { Html } from '../../core/pages/document.ts'

/** Turns lines of a job's log with ANSI colours into HTML. Colours last until they are reset, also over lines. */
export class LogRenderer {
  private bold = false
  private colour: number | undefined

  /** One line without its end. A carriage return begins it anew, as in a terminal; so GitLab's section markers vanish. */
  line(text: string): Html {
    const shown = text.replace(/\r+$/, '')
    const last = shown.slice(shown.lastIndexOf('\r') + 1)
    const overwritten = shown.slice(0, shown.length - last.length)
    for (const [, codes] of overwritten.matchAll(COLOURS)) this.style(codes ?? '')
    const parts = last.split(/\x1b\[([0-9;]*)m/)
    return html`${parts.map((part, at) => {
      if (at % 2 === 0) return this.piece(part)
      this.style(part)
      return ''
    })}
`
  }

  private piece(text: string): Html | string {
    const plain = text.replace(OTHER_SEQUENCES, '').replace(CONTROL, '')
    const names = [this.bold ? 'b' : '', this.colour === undefined ? '' : `c${this.colour}`].filter(Boolean).join(' ')
    return plain && names ? html`<span class="${names}">${plain}</span>` : plain
  }

  private style(codes: string): void {
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) [this.bold, this.colour] = [false, undefined]
      else if (code === 1) this.bold = true
      else if (code === 22) this.bold = false
      else if (code === 39) this.colour = undefined
      else if ((code >= 30 && code <= 37) || code === 90) this.colour = code
      else if (code >= 91 && code <= 97) this.colour = code - 60
    }
  }
}

const COLOURS = /\x1b\[([0-9;]*)m/g
/** CSI and OSC sequences, and two-character escapes. */
const OTHER_SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g
