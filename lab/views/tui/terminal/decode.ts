/** A key that is not a character. */
export type KeyName =
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'insert'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'pageup'
  | 'pagedown'
  | `f${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`

type Modifiers = { readonly ctrl: boolean; readonly meta: boolean; readonly shift: boolean }

export type Key = Modifiers &
  (
    | { readonly kind: 'key'; readonly name: KeyName }
    | { readonly kind: 'key'; readonly name: 'char'; readonly char: string }
  )

/** What somebody did at the terminal. Columns and rows count from 0. */
export type Input =
  | Key
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'wheel'; readonly direction: 'up' | 'down'; readonly column: number; readonly row: number }
  | { readonly kind: 'click'; readonly column: number; readonly row: number }

type Decoded = {
  readonly inputs: readonly Input[]
  /** An unfinished sequence at the end. */
  readonly rest: string
  /** A bracketed paste begins where `rest` begins. */
  readonly paste: boolean
}

const NONE: Modifiers = { ctrl: false, meta: false, shift: false }

// Finals of CSI and SS3, and numbers before `~`, as xterm, VT220, rxvt and the Linux console send them.
const BY_FINAL: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
}
const BY_NUMBER: Readonly<Record<string, KeyName>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
}

/** A control string of ECMA-48 (OSC, DCS, SOS, PM, APC), up to ST; xterm ends OSC with BEL, too. */
const STRING = /^\x1b[\]PX^_][^\x07\x1b\x18\x1a]*(?:\x07|\x1b\\|[\x18\x1a])/
const UNFINISHED_STRING = /^\x1b[\]PX^_][^\x07\x1b\x18\x1a]*\x1b?$/
const CSI = /^\x1b\[([0-?]*)[ -/]*([@-~])/
const UNFINISHED_CSI = /^\x1b\[[0-?]*[ -/]*$/
/** Mouse reports without mode 1006: three characters that would read as keys. */
const OLD_MOUSE = /^\x1b\[M[^\x1b]{3}/
const UNFINISHED_OLD_MOUSE = /^\x1b\[M[^\x1b]{0,2}$/
/** F1 to F5 of the Linux console. */
const CONSOLE_KEY = /^\x1b\[\[([A-E])/
const SS3 = /^\x1bO([0-9;]*)([@-~])/
const UNFINISHED_SS3 = /^\x1bO[0-9;]*$/
const TEXT = /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]+/

/**
 * Reads all that is complete. With `final`, nothing more will come, and what is unfinished is taken for what it is;
 * with `pasting`, text continues a paste.
 */
export function decode(source: string, { final = false, pasting = false } = {}): Decoded {
  const inputs: Input[] = []
  let at = 0
  while (at < source.length) {
    const text = source.slice(at)
    const step = text[0] === '\x1b' ? sequence(text, final) : plain(text, pasting)
    if (step.kind === 'unfinished') return { inputs, rest: text, paste: false }
    at += step.length
    if (step.kind === 'paste') return { inputs, rest: source.slice(at), paste: true }
    inputs.push(...step.inputs)
  }
  return { inputs, rest: '', paste: false }
}

type Step =
  | { readonly kind: 'read'; readonly length: number; readonly inputs: readonly Input[] }
  | { readonly kind: 'paste'; readonly length: number }
  | { readonly kind: 'unfinished' }

const read = (length: number, ...inputs: readonly Input[]): Step => ({ kind: 'read', length, inputs })
const unfinished: Step = { kind: 'unfinished' }
const named = (name: KeyName, modifiers = NONE): Key => ({ kind: 'key', name, ...modifiers })
const character = (char: string, modifiers = NONE): Key => ({ kind: 'key', name: 'char', char, ...modifiers })

function sequence(text: string, final: boolean): Step {
  if (text === '\x1b') return final ? read(1, named('escape')) : unfinished
  if (text[1] === '\x1b') return read(1, named('escape'))
  if (final && text.length === 2) return read(2, ...alt(text[1] as string))
  const oldMouse = OLD_MOUSE.exec(text)
  if (oldMouse) return read(oldMouse[0].length)
  const consoleKey = CONSOLE_KEY.exec(text)
  if (consoleKey) return read(4, named(`f${'ABCDE'.indexOf(consoleKey[1] as string) + 1}` as KeyName))
  if ([UNFINISHED_OLD_MOUSE, UNFINISHED_CSI, UNFINISHED_SS3, UNFINISHED_STRING].some((form) => form.test(text))) {
    return final ? read(text.length) : unfinished
  }
  if (text.startsWith('\x1b[[')) return final ? read(text.length) : text.length === 3 ? unfinished : read(3)
  const csi = CSI.exec(text)
  if (csi) return csi[0] === '\x1b[200~' ? { kind: 'paste', length: 6 } : read(csi[0].length, ...control(csi))
  const ss3 = SS3.exec(text)
  if (ss3) return read(ss3[0].length, ...keyPad(ss3))
  const string = STRING.exec(text)
  if (string) return read(string[0].length)
  const broken = /^\x1b(?:\[[0-?]*[ -/]*|O[0-9;]*|[\]PX^_][^\x1b]*)/.exec(text)
  if (broken) return read(broken[0].length)
  const char = String.fromCodePoint(text.codePointAt(1) as number)
  return read(1 + char.length, ...alt(char))
}

/** Alt and a key: ESC before what the key alone sends. */
function alt(char: string): readonly Input[] {
  return single(char).map((key) => ({ ...key, meta: true }))
}

function control([, parameters = '', final = '']: RegExpExecArray): readonly Input[] {
  if (parameters.startsWith('<')) return mouse(parameters.slice(1), final)
  const [number = '', modifier = ''] = parameters.split(';')
  if (final === 'Z') return [named('tab', { ...NONE, shift: true })]
  const name = final === '~' ? BY_NUMBER[number] : /^1?$/.test(number) ? BY_FINAL[final] : undefined
  return name ? [named(name, modifiersOf(modifier))] : []
}

const keyPad = ([, parameters = '', final = '']: RegExpExecArray): readonly Input[] => {
  const name = final === 'M' ? 'enter' : BY_FINAL[final]
  return name ? [named(name, modifiersOf(parameters.split(';').at(-1) ?? ''))] : []
}

/** xterm: 1 and the sum of 1 for Shift, 2 for Alt, 4 for Control, 8 for Meta. */
function modifiersOf(parameter: string): Modifiers {
  const bits = Math.max(0, (Number.parseInt(parameter, 10) || 1) - 1)
  return { shift: (bits & 1) !== 0, meta: (bits & 10) !== 0, ctrl: (bits & 4) !== 0 }
}

/** xterm mode 1006: button, column and row from 1; 4, 8 and 16 are modifiers, 32 is motion, 64 the wheel. */
function mouse(parameters: string, final: string): readonly Input[] {
  const match = /^(\d{1,5});(\d{1,5});(\d{1,5})$/.exec(parameters)
  if (!match || final !== 'M') return []
  const [button, column, row] = [Number(match[1]) & ~28, Number(match[2]) - 1, Number(match[3]) - 1]
  if (button === 0) return [{ kind: 'click', column, row }]
  if (button === 64 || button === 65) {
    return [{ kind: 'wheel', direction: button === 64 ? 'up' : 'down', column, row }]
  }
  return []
}

function plain(text: string, pasting: boolean): Step {
  const run = TEXT.exec(text)?.[0]
  if (run === undefined) return read(1, ...single(text[0] as string))
  // Enter and the key after it may come at once, when we were slow to read.
  const parts = run.match(/[\t\n\r]|[^\t\n\r]+/g) as string[]
  const printable = parts.filter((part) => !/[\t\n\r]/.test(part)).join('')
  if (pasting || isBulk(printable)) return read(run.length, { kind: 'paste', text: run.replace(/\r\n?/g, '\n') })
  return read(run.length, ...parts.flatMap((part) => (/[\t\n\r]/.test(part) ? single(part) : [character(part)])))
}

/** More than one character came at once: nobody types so. */
function isBulk(run: string): boolean {
  if (run.length <= 1) return false
  return run.length > 32 || [...new Intl.Segmenter().segment(run)].length > 1
}

/** The key that sends a single control or printable character; none for what no key sends. */
function single(char: string): readonly Key[] {
  const code = char.codePointAt(0) as number
  if (char === '\r' || char === '\n') return [named('enter')]
  if (char === '\t') return [named('tab')]
  if (char === '\x7f' || char === '\b') return [named('backspace')]
  if (char === '\x1b') return [named('escape')]
  if (code < 0x20) {
    // ^@ is what Control and Space send.
    return [character(code === 0 ? ' ' : String.fromCharCode(code + 0x40).toLowerCase(), { ...NONE, ctrl: true })]
  }
  return (code >= 0x80 && code < 0xa0) || code === 0xfffd ? [] : [character(char)]
}
