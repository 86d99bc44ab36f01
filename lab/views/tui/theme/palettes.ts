export type Background = 'dark' | 'light'
export type Colours = 'none' | 'ansi16' | 'ansi256' | 'truecolor'

/** What a text is, for its looks. */
export type Role = keyof typeof ROLES

type Hue = 'grey' | 'line' | 'blue' | 'green' | 'yellow' | 'red' | 'magenta' | 'cyan'
type Look = { readonly hue?: Hue; readonly bold?: true; readonly underline?: true; readonly selected?: true }

const ROLES = {
  text: {},
  dim: { hue: 'grey' },
  strong: { bold: true },
  accent: { hue: 'blue' },
  heading: { hue: 'blue', bold: true },
  link: { hue: 'blue', underline: true },
  code: { hue: 'cyan' },
  border: { hue: 'line' },
  focus: { hue: 'blue', bold: true },
  selection: { selected: true },
  passed: { hue: 'green' },
  pending: { hue: 'yellow' },
  blocked: { hue: 'red', bold: true },
  broken: { hue: 'magenta', bold: true },
  running: { hue: 'cyan' },
  warning: { hue: 'yellow', bold: true },
  added: { hue: 'green' },
  removed: { hue: 'red' },
  keyword: { hue: 'magenta' },
  string: { hue: 'green' },
  comment: { hue: 'grey' },
  number: { hue: 'yellow' },
  key: { hue: 'cyan', bold: true },
} as const satisfies Record<string, Look>

/** Each at least 4.5:1 (WCAG 2.2, 1.4.3) on black and #1e1e1e, or on white and #fdf6e3. */
const HUES: Readonly<Record<Background, Readonly<Record<Hue, string>>>> = {
  dark: {
    grey: '#9e9e9e',
    line: '#8a8a8a',
    blue: '#5fafff',
    green: '#5fd787',
    yellow: '#d7af5f',
    red: '#ff8787',
    magenta: '#d7afff',
    cyan: '#5fd7d7',
  },
  light: {
    grey: '#626262',
    line: '#6a6a6a',
    blue: '#005faf',
    green: '#00692e',
    yellow: '#7a5500',
    red: '#af0000',
    magenta: '#7a2fa0',
    cyan: '#005f5f',
  },
}

const SELECTION = { dark: { fore: '#ffffff', back: '#303030' }, light: { fore: '#000000', back: '#e4e4e4' } }

/** Of xterm's 16 only those with contrast enough; for the others the terminal's own foreground stays. */
const ANSI16: Readonly<Record<Background, Readonly<Partial<Record<Hue, number>>>>> = {
  dark: { grey: 37, line: 37, blue: 96, green: 32, yellow: 33, red: 95, magenta: 95, cyan: 36 },
  light: { blue: 34, red: 31, magenta: 31 },
}

/** The SGR parameters that a role begins with. */
export function sgrOf(role: Role, background: Background, colours: Colours): readonly string[] {
  const look: Look = ROLES[role]
  const attributes = [...(look.bold ? ['1'] : []), ...(look.underline ? ['4'] : [])]
  if (look.selected) {
    if (colours === 'none' || colours === 'ansi16') return ['7']
    const { fore, back } = SELECTION[background]
    return [`38;${colourOf(fore, colours)}`, `48;${colourOf(back, colours)}`]
  }
  if (!look.hue || colours === 'none') return attributes
  if (colours !== 'ansi16') return [...attributes, `38;${colourOf(HUES[background][look.hue], colours)}`]
  const number = ANSI16[background][look.hue]
  return number === undefined ? attributes : [...attributes, String(number)]
}

function colourOf(hex: string, colours: 'ansi256' | 'truecolor'): string {
  const rgb = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  return colours === 'truecolor' ? `2;${rgb.join(';')}` : `5;${nearest256(rgb)}`
}

/** Of xterm's 256 colours the nearest to another: 16-231 are a cube of these steps, 232-255 greys. */
function nearest256(rgb: readonly number[]): number {
  const steps = [0, 95, 135, 175, 215, 255]
  const cube = Array.from({ length: 216 }, (_, at) => [at / 36, (at / 6) % 6, at % 6].map((step) => steps[step | 0]!))
  const greys = Array.from({ length: 24 }, (_, at) => Array<number>(3).fill(8 + at * 10))
  const distances = [...cube, ...greys].map((colour) =>
    colour.reduce((sum, value, at) => sum + (value - rgb[at]!) ** 2, 0),
  )
  return 16 + distances.indexOf(Math.min(...distances))
}
