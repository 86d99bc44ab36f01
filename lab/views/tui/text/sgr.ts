/** The SGR attributes that are on: one parameter for each kind (ECMA-48 §8.3.117; colours as xterm has them). */
export type Style = ReadonlyMap<Kind, string>

type Kind = keyof typeof OFF

const OFF = {
  foreground: '39',
  background: '49',
  bold: '22',
  dim: '22',
  italic: '23',
  underline: '24',
  inverse: '27',
  hidden: '28',
  strike: '29',
  overline: '55',
} as const

const ON: Readonly<Record<string, Kind>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  8: 'hidden',
  9: 'strike',
  53: 'overline',
}

const KINDS = Object.keys(OFF) as Kind[]

export const NO_STYLE: Style = new Map()

/** The style after an SGR code. Blinking and whatever else Ink does not know is left out. */
export function applySgr(style: Style, code: string): Style {
  const next = new Map(style)
  const parameters = code.slice(2, -1).split(';')
  while (parameters.length > 0) {
    const [parameter = '', ...rest] = parameters.shift()!.split(':')
    const number = Number(parameter)
    if (number === 0) next.clear()
    else if (number === 38 || number === 48) {
      const colour = extendedColour(rest.length > 0 ? rest.filter((part) => part !== '') : parameters, rest.length > 0)
      if (colour) next.set(number === 38 ? 'foreground' : 'background', `${number};${colour}`)
    } else if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97)) next.set('foreground', parameter)
    else if ((number >= 40 && number <= 47) || (number >= 100 && number <= 107)) next.set('background', parameter)
    else if (parameter === '4' && rest[0] === '0') next.delete('underline')
    else if (ON[number]) next.set(ON[number], String(number))
    else for (const kind of KINDS) if (OFF[kind] === String(number)) next.delete(kind)
  }
  return next
}

/** Takes `5;N` or `2;R;G;B` off the front; with colons a colour space may stand before R (ITU-T T.416). */
function extendedColour(parameters: string[], colons: boolean): string | undefined {
  const kind = parameters.shift()
  const count = kind === '5' ? 1 : kind === '2' ? 3 : 0
  const values = colons && count > 0 ? parameters.slice(-count) : parameters.splice(0, count)
  if (count === 0 || values.length < count || values.some((value) => !(Number(value) <= 255))) return undefined
  return [kind, ...values.map(Number)].join(';')
}

/** The shortest SGR code from one style to another, or nothing. */
export function sgrBetween(from: Style, to: Style): string {
  if (from === to) return ''
  const off = new Set<string>()
  for (const kind of from.keys()) if (!to.has(kind)) off.add(OFF[kind])
  const on = [...to].filter(([kind, value]) => from.get(kind) !== value || off.has(OFF[kind]))
  const codes = [...off, ...on.map(([, value]) => value)]
  return codes.length === 0 ? '' : `\u001b[${codes.join(';')}m`
}

/** Wraps text that may hold codes of its own: where these end, the outer style goes on. */
export function surround(open: readonly string[], text: string): string {
  if (open.length === 0 || text === '') return text
  const outer = open.reduce<Style>((style, parameters) => applySgr(style, `\u001b[${parameters}m`), NO_STYLE)
  const begin = sgrBetween(NO_STYLE, outer)
  if (!text.includes('\u001b[')) return begin + text + sgrBetween(outer, NO_STYLE)
  let now = outer
  const inner = text.replace(/\u001b\[[\d;:]*m/g, (code) => {
    const style = new Map([...outer, ...applySgr(now, code)])
    const written = sgrBetween(now, style)
    now = style
    return written
  })
  return begin + inner + sgrBetween(now, NO_STYLE)
}
