import { Terminal } from '@xterm/headless'
import { ENTER } from '../views/tui/terminal/modes.ts'

/** What a terminal shows of the bytes that are written to it. */
export class Display {
  /** Everything that was written. */
  bytes = ''
  private readonly terminal: Terminal

  constructor(columns: number, rows: number) {
    this.terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 100 })
    this.terminal.write(ENTER)
    // Rows that are too wide have to be seen.
    this.terminal.write('\u001b[?7h')
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.terminal.cols, rows: this.terminal.rows }
  }

  write(chunk: string): void {
    this.bytes += chunk
    this.terminal.write(chunk)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
  }

  /** The rows of the screen, without spaces at their ends. */
  async rows(): Promise<readonly string[]> {
    await new Promise<void>((resolve) => this.terminal.write('', resolve))
    const { cols, rows, buffer } = this.terminal
    const { active } = buffer
    // xterm keeps what stood beyond the last column before a resize.
    const rowAt = (at: number) => active.getLine(active.baseY + at)?.translateToString(false, 0, cols) ?? ''
    return Array.from({ length: rows }, (_, at) => rowAt(at).trimEnd())
  }

  /** Whether a row was too wide, so that the terminal broke it. */
  async isBroken(): Promise<boolean> {
    await this.rows()
    const { active } = this.terminal.buffer
    return (
      active.baseY > 0 ||
      Array.from({ length: this.terminal.rows }, (_, at) => active.getLine(at)?.isWrapped).some(Boolean)
    )
  }
}
