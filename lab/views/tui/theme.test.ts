import { describe, expect, it } from 'vitest'
import { cellWidth } from './text/cell.ts'
import { type ThemeOptions, themeOptions } from './theme/detect.ts'
import { ASCII, UNICODE } from './theme/symbols.ts'
import { detectTheme, type Role, themeOf } from './theme.ts'

const ROLES = [
  ...['text', 'dim', 'strong', 'accent', 'heading', 'link', 'code', 'border', 'focus', 'selection', 'passed'],
  ...['pending', 'blocked', 'broken', 'running', 'warning', 'added', 'removed', 'keyword', 'string', 'comment'],
  ...['number', 'key'],
] as Role[]

/** xterm's default 16 colours (XTerm-col.ad). */
const XTERM = [
  ...['000000', 'cd0000', '00cd00', 'cdcd00', '0000ee', 'cd00cd', '00cdcd', 'e5e5e5'],
  ...['7f7f7f', 'ff0000', '00ff00', 'ffff00', '5c5cff', 'ff00ff', '00ffff', 'ffffff'],
].map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)))

type Rgb = readonly number[]

function rgb(parameters: readonly number[]): Rgb {
  if (parameters[0] === 2) return parameters.slice(1)
  const index = parameters[1]!
  if (index < 16) return XTERM[index]!
  if (index >= 232) return Array<number>(3).fill(8 + (index - 232) * 10)
  const at = index - 16
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) => (step === 0 ? 0 : 55 + step * 40))
}

/** The colours of a painted text; undefined where they are the terminal's own. */
function coloursOf(painted: string): { fore?: Rgb; back?: Rgb } {
  const found: { fore?: Rgb; back?: Rgb } = {}
  const parameters = (/^\u001b\[([\d;]*)m/.exec(painted)?.[1] ?? '').split(';').map(Number)
  while (parameters.length > 0) {
    const code = parameters.shift()!
    if (code === 38 || code === 48) {
      found[code === 38 ? 'fore' : 'back'] = rgb(parameters.splice(0, parameters[0] === 5 ? 2 : 4))
    } else if (code >= 30 && code <= 37) found.fore = XTERM[code - 30]!
    else if (code >= 90 && code <= 97) found.fore = XTERM[code - 82]!
  }
  return found
}

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (colour: Rgb) =>
  colour
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at]!, 0)
const contrast = (one: Rgb, two: Rgb) => {
  const [dark, light] = [luminance(one), luminance(two)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

const GROUNDS = {
  dark: {
    own: [204, 204, 204],
    backs: [
      [0, 0, 0],
      [30, 30, 30],
    ],
  },
  light: {
    own: [0, 0, 0],
    backs: [
      [255, 255, 255],
      [253, 246, 227],
    ],
  },
} // prettier-ignore

const variants = (['dark', 'light'] as const).flatMap((background) =>
  (['ansi16', 'ansi256', 'truecolor'] as const).map((colours) => ({ background, colours, ascii: false })),
)

describe.each(variants)('the $background theme in $colours', ({ background, colours, ascii }) => {
  const theme = themeOf({ background, colours, ascii })
  const { own, backs } = GROUNDS[background]

  it.each(ROLES)('%s can be read', (role) => {
    const { fore = own, back } = coloursOf(theme.paint(role, 'x'))
    for (const ground of back ? [back] : backs) expect(contrast(fore, ground)).toBeGreaterThanOrEqual(4.5)
  })

  it('what stands in a selection can be read, too', () => {
    const { back } = coloursOf(theme.paint('selection', 'x'))
    const texts = ROLES.filter((role) => back && role !== 'border').map(
      (role) => coloursOf(theme.paint(role, 'x')).fore,
    )
    for (const fore of texts) if (fore) expect(contrast(fore, back!)).toBeGreaterThanOrEqual(4.5)
  })
})

describe('themes', () => {
  const plain = themeOf({ background: 'dark', colours: 'none', ascii: true })
  const colourful = themeOf({ background: 'dark', colours: 'ansi16', ascii: false })

  it('without colours set no colour, but bold, underlined and inverse', () => {
    for (const role of ROLES)
      expect(plain.paint(role, 'x')).toMatch(/^(\u001b\[[147](;[147])*m)?x(\u001b\[2[247](;2[247])*m)?$/)
    expect(plain.paint('selection', 'x')).toBe('\u001b[7mx\u001b[27m')
    expect(plain.paint('text', 'x')).toBe('x')
  })

  it('tell states apart by their symbols alone', () => {
    for (const symbols of [ASCII, UNICODE]) {
      const { passed, pending, blocked, broken, running, open, current, hint, why, warning } = symbols
      const states = [passed, pending, blocked, broken, running, open, current, hint, why, warning]
      expect(new Set(states).size).toBe(states.length)
    }
  })

  it('have symbols of one cell, in ASCII as in Unicode', () => {
    const flat = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(flat)
    expect([...flat(ASCII), ...flat(UNICODE)].filter((symbol) => cellWidth(symbol) !== 1)).toEqual([])
    expect(flat(ASCII).filter((symbol) => !/^[ -~]$/.test(symbol))).toEqual([])
    expect(Object.keys(ASCII)).toEqual(Object.keys(UNICODE))
  })

  it('paint around what is painted already', () => {
    const inner = `a${colourful.paint('passed', 'b')}c`
    expect(colourful.paint('blocked', inner)).toBe('\u001b[1;95ma\u001b[32mb\u001b[95mc\u001b[22;39m')
    expect(colourful.paint('passed', '')).toBe('')
  })
})

describe('detecting a theme', () => {
  const usual: ThemeOptions = { background: 'dark', colours: 'ansi256', ascii: false }
  it.each<[Record<string, string>, Partial<ThemeOptions>]>([
    [{}, {}],
    [{ COLORTERM: 'truecolor' }, { colours: 'truecolor' }],
    [{ COLORTERM: 'truecolor', NO_COLOR: '1' }, { colours: 'none' }],
    [{ NO_COLOR: '' }, {}],
    [{ TERM: 'xterm' }, { colours: 'ansi16' }],
    [{ TERM: 'xterm-kitty' }, {}],
    [{ TERM: 'dumb' }, { colours: 'none' }],
    [{ TERM: 'linux' }, { colours: 'ansi16', ascii: true }],
    [{ LANG: 'C' }, { ascii: true }],
    [{ LANG: '' }, {}],
    [{ LANG: 'C.utf8' }, {}],
    [{ LC_ALL: 'POSIX' }, { ascii: true }],
    [{ LC_CTYPE: 'de_DE.ISO-8859-1' }, { ascii: true }],
    [{ COLORFGBG: '0;15' }, { background: 'light' }],
    [{ COLORFGBG: '0;default;7' }, { background: 'light' }],
    [{ COLORFGBG: '15;0' }, {}],
    [{ COLORFGBG: '7;8' }, {}],
    [{ COLORFGBG: '0;default' }, {}],
    [{ COLORFGBG: '0;15', GITOPS_LAB_THEME: 'dark' }, {}],
    [{ GITOPS_LAB_THEME: 'light' }, { background: 'light' }],
    [{ GITOPS_LAB_THEME: 'pink' }, {}],
  ])('%j', (env, expected) => {
    expect(themeOptions({ TERM: 'xterm-256color', LANG: 'en_US.UTF-8', ...env })).toEqual({ ...usual, ...expected })
  })

  it('lets options decide before the environment', () => {
    const theme = detectTheme({ TERM: 'xterm', LANG: 'C' }, { colours: 'none', ascii: false })
    expect(theme.symbols).toBe(UNICODE)
    expect(theme.paint('passed', 'x')).toBe('x')
  })
})
