/** Colours by what they mean. Nothing is told by colour alone. */
export type Palette = Readonly<Record<'good' | 'wait' | 'bad' | 'faint' | 'strong', (text: string) => string>>

const paint = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`
const plain = (text: string) => text

/** Whether colours go to this output: a terminal that knows them, and nobody said NO_COLOR (no-color.org). */
export const wantsColours = (isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean =>
  isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

export const palette = (colours: boolean): Palette =>
  colours
    ? { good: paint(32, 39), wait: paint(33, 39), bad: paint(31, 39), faint: paint(2, 22), strong: paint(1, 22) }
    : { good: plain, wait: plain, bad: plain, faint: plain, strong: plain }
