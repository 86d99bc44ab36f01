/** The signs of the screen. Each is one cell wide, in Unicode and in ASCII. */
export type Symbols = {
  readonly passed: string
  readonly pending: string
  readonly blocked: string
  readonly broken: string
  readonly running: string
  readonly open: string
  readonly current: string
  readonly hint: string
  readonly why: string
  readonly warning: string
  readonly arrow: string
  readonly bullet: string
  readonly ellipsis: string
  /** Begins a row that goes on with the one above. */
  readonly continued: string
  readonly bar: { readonly full: string; readonly empty: string }
  readonly box: Box
  readonly spinner: readonly string[]
}

type Box = {
  readonly h: string
  readonly v: string
  readonly tl: string
  readonly tr: string
  readonly bl: string
  readonly br: string
  /** Where a line branches off to the right, left, bottom, top. */
  readonly right: string
  readonly left: string
  readonly down: string
  readonly up: string
  readonly cross: string
}

export const UNICODE: Symbols = {
  passed: '✓',
  pending: '◷',
  blocked: '✗',
  broken: '■',
  running: '◐',
  open: '○',
  current: '▸',
  hint: '◆',
  why: '◇',
  warning: '▲',
  arrow: '→',
  bullet: '•',
  ellipsis: '…',
  continued: '↪',
  bar: { full: '█', empty: '░' },
  box: {
    h: '─',
    v: '│',
    tl: '┌',
    tr: '┐',
    bl: '└',
    br: '┘',
    right: '├',
    left: '┤',
    down: '┬',
    up: '┴',
    cross: '┼',
  },
  spinner: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'],
}

export const ASCII: Symbols = {
  passed: 'v',
  pending: '~',
  blocked: 'x',
  broken: '#',
  running: '%',
  open: 'o',
  current: '>',
  hint: '*',
  why: '?',
  warning: '!',
  arrow: '>',
  bullet: '-',
  ellipsis: '~',
  continued: '>',
  bar: { full: '#', empty: '.' },
  box: {
    h: '-',
    v: '|',
    tl: '+',
    tr: '+',
    bl: '+',
    br: '+',
    right: '+',
    left: '+',
    down: '+',
    up: '+',
    cross: '+',
  },
  spinner: [...'|/-\\'],
}
