import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../../../engine/ports.ts'
import { decode, type Input } from './decode.ts'

/** How long a lone ESC waits for more before it is the Escape key. */
const ESCAPE_MS = 30
/** How long an unfinished sequence, or a paste without its end, waits for more before it is given up. */
const UNFINISHED_MS = 500
/** No sequence of a key is near this long. */
const LONGEST_SEQUENCE = 4096
/** Text that follows a paste this closely is its continuation. */
const CONTINUATION_MS = 50

/** Makes keys, pastes and mouse events of the bytes that a terminal sends, however they are split. */
export class KeyReader {
  private readonly decoder = new StringDecoder('utf8')
  private pending = ''
  private paste: string[] | undefined
  private pasting = false
  private waiting: { cancel(): void } | undefined
  private continuation: { cancel(): void } | undefined

  constructor(
    private readonly clock: Clock,
    private readonly onInput: (input: Input) => void,
  ) {}

  feed(chunk: Uint8Array | string): void {
    this.waiting?.cancel()
    this.pending += typeof chunk === 'string' ? chunk : this.decoder.write(Buffer.from(chunk))
    this.advance(this.pending.length > LONGEST_SEQUENCE)
    if (this.pending !== '' || this.paste) {
      const lone = this.pending === '\x1b' && !this.paste
      this.waiting = this.clock.setTimeout(() => this.giveUp(), lone ? ESCAPE_MS : UNFINISHED_MS)
    }
  }

  /** Forgets what is unfinished: somebody else read the terminal in between. */
  reset(): void {
    this.waiting?.cancel()
    this.continuation?.cancel()
    this.pending = ''
    this.paste = undefined
    this.pasting = false
  }

  private giveUp(): void {
    if (this.paste) this.endPaste()
    this.advance(true)
  }

  private advance(final: boolean): void {
    for (;;) {
      if (this.paste && !this.readPaste(this.paste)) return
      const { inputs, rest, paste } = decode(this.pending, { final, pasting: this.pasting })
      this.pending = rest
      for (const input of inputs) this.emit(input)
      if (!paste) return
      this.paste = []
    }
  }

  /** Moves what belongs to the paste out of what is pending; whether the paste is over. */
  private readPaste(parts: string[]): boolean {
    const end = this.pending.indexOf(PASTE_END)
    if (end >= 0) {
      parts.push(this.pending.slice(0, end))
      this.pending = this.pending.slice(end + PASTE_END.length)
      this.endPaste()
      return true
    }
    const keep = partialEnd(this.pending)
    parts.push(this.pending.slice(0, this.pending.length - keep))
    this.pending = keep === 0 ? '' : this.pending.slice(-keep)
    return false
  }

  private endPaste(): void {
    const text = this.paste?.join('') ?? ''
    this.paste = undefined
    if (text !== '') this.onInput({ kind: 'paste', text: text.replace(/\r\n?/g, '\n') })
  }

  private emit(input: Input): void {
    if (input.kind === 'paste') {
      this.pasting = true
      this.continuation?.cancel()
      this.continuation = this.clock.setTimeout(() => {
        this.pasting = false
      }, CONTINUATION_MS)
    }
    this.onInput(input)
  }
}

const PASTE_END = '\x1b[201~'

/** How many characters at the end of a text may be the beginning of the sequence that ends a paste. */
function partialEnd(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(PASTE_END.slice(0, length))) return length
  }
  return 0
}
