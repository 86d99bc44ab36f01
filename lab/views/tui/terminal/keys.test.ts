import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../sandbox/core/clock.ts'
import type { Input, KeyName } from './decode.ts'
import { KeyReader } from './keys.ts'

const NONE = { ctrl: false, meta: false, shift: false }
const key = (name: KeyName, modifiers = {}): Input => ({ kind: 'key', name, ...NONE, ...modifiers })
const char = (text: string, modifiers = {}): Input => ({ kind: 'key', name: 'char', char: text, ...NONE, ...modifiers })
const paste = (text: string): Input => ({ kind: 'paste', text })

function reader() {
  const clock = new ManualClock()
  const inputs: Input[] = []
  const keys = new KeyReader(clock, (input) => inputs.push(input))
  return { clock, inputs, keys }
}

/** What chunks mean once all waiting is over. */
async function inputsOf(...chunks: readonly (string | Uint8Array)[]): Promise<readonly Input[]> {
  const { clock, inputs, keys } = reader()
  for (const chunk of chunks) keys.feed(chunk)
  await clock.advance(1000)
  return inputs
}

describe('keys', () => {
  it.each<[string, string, Input[]]>([
    ['a character', 'q', [char('q')]],
    ['a capital', 'G', [char('G')]],
    ['Enter', '\r', [key('enter')]],
    ['Tab', '\t', [key('tab')]],
    ['Shift-Tab', '\x1b[Z', [key('tab', { shift: true })]],
    ['Backspace', '\x7f', [key('backspace')]],
    ['Backspace as ^H', '\b', [key('backspace')]],
    ['Delete', '\x1b[3~', [key('delete')]],
    ['Ctrl-C', '\x03', [char('c', { ctrl: true })]],
    ['Ctrl-Z', '\x1a', [char('z', { ctrl: true })]],
    ['Ctrl-Space', '\x00', [char(' ', { ctrl: true })]],
    ['arrows', '\x1b[A\x1b[B\x1b[C\x1b[D', [key('up'), key('down'), key('right'), key('left')]],
    ['arrows in application mode', '\x1bOA\x1bOB', [key('up'), key('down')]],
    ['Ctrl-Up', '\x1b[1;5A', [key('up', { ctrl: true })]],
    ['Alt-Shift-Page-Down', '\x1b[6;4~', [key('pagedown', { meta: true, shift: true })]],
    ['Home and End of xterm', '\x1b[H\x1b[F', [key('home'), key('end')]],
    ['Home and End of a VT220', '\x1b[1~\x1b[4~', [key('home'), key('end')]],
    ['F1 of xterm and of the console', '\x1bOP\x1b[[A', [key('f1'), key('f1')]],
    ['F12', '\x1b[24~', [key('f12')]],
    ['Enter on the keypad', '\x1bOM', [key('enter')]],
    ['Alt-x', '\x1bx', [char('x', { meta: true })]],
    ['Alt-[', '\x1b[', [char('[', { meta: true })]],
    ['Alt-Enter', '\x1b\r', [key('enter', { meta: true })]],
    ['Escape', '\x1b', [key('escape')]],
    ['Escape twice', '\x1b\x1b', [key('escape'), key('escape')]],
    ['Escape and an arrow', '\x1b\x1b[A', [key('escape'), key('up')]],
    ['a wide character', '漢', [char('漢')]],
    ['an emoji of several code points', '👩‍💻', [char('👩‍💻')]],
    ['the wheel', '\x1b[<64;10;5M\x1b[<65;1;1M', [wheel('up', 9, 4), wheel('down', 0, 0)]],
    ['the wheel with Control', '\x1b[<80;10;5M', [wheel('up', 9, 4)]],
    ['a click and its release', '\x1b[<0;10;5M\x1b[<0;10;5m', [{ kind: 'click', column: 9, row: 4 }]],
    ['other buttons, motion, a sideways wheel', '\x1b[<2;1;1M\x1b[<35;1;1M\x1b[<66;1;1M', []],
    ['mouse reports of terminals without mode 1006', '\x1b[Mqqq', []],
    ['unknown sequences', '\x1b[?62;22c\x1b[99~\x1b[1;2y\x1b[I\x1b[97;5u\x1bOz', []],
    ['answers of the terminal', '\x1b]11;rgb:00/00/00\x07\x1b]4;1\x1b\\\x1bP>|tmux 3.3a\x1b\\', []],
    ['a sequence that a key breaks off', '\x1b[12\x03', [char('c', { ctrl: true })]],
    ['an answer that a sequence breaks off', '\x1b]11;rgb\x1b[A', [key('up')]],
    ['an answer without an end', '\x1b]11;rgb:00', []],
    ['a bracketed paste', '\x1b[200~q\r\nx\x1b[A\x1b[201~', [paste('q\nx\x1b[A')]],
    ['keys around a paste', 'a\x1b[200~b\x1b[201~\r', [char('a'), paste('b'), key('enter')]],
    ['an empty paste', '\x1b[200~\x1b[201~', []],
    ['a paste without an end', '\x1b[200~qx', [paste('qx')]],
    ['bulk without brackets', 'kubectl get pods\rq\r', [paste('kubectl get pods\nq\n')]],
    ['Enter and a key, read at once', '\rq', [key('enter'), char('q')]],
    ['held Enter', '\r\r', [key('enter'), key('enter')]],
    ['C1 controls', '\u009b\u0085', []],
  ])('reads %s', async (_, bytes, expected) => {
    expect(await inputsOf(Buffer.from(bytes))).toEqual(expected)
  })

  it('reads sequences that are split at any byte', async () => {
    const bytes = Buffer.from('\x1b[1;5A\x1b[<64;10;5M\x1bOP\x1b]11;?\x1b\\\x1b[200~a漢\x1b[20\x1b[201~\x1b[24~漢')
    const whole = await inputsOf(bytes)
    expect(whole.map(({ kind }) => kind)).toEqual(['key', 'wheel', 'key', 'paste', 'key', 'key'])
    for (let at = 1; at < bytes.length; at++) {
      expect(await inputsOf(bytes.subarray(0, at), bytes.subarray(at)), `split at ${at}`).toEqual(whole)
    }
    expect(await inputsOf(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole)
  })

  it('takes ESC for the Escape key only when nothing follows for 30 ms', async () => {
    const { clock, inputs, keys } = reader()
    keys.feed('\x1b')
    await clock.advance(29)
    keys.feed('[A')
    keys.feed('\x1b')
    await clock.advance(29)
    expect(inputs).toEqual([key('up')])
    await clock.advance(1)
    expect(inputs).toEqual([key('up'), key('escape')])
  })

  it('swallows what never becomes a sequence and goes on with the next key', async () => {
    const { clock, inputs, keys } = reader()
    keys.feed('\x1b[1;')
    await clock.advance(500)
    keys.feed('q')
    expect(inputs).toEqual([char('q')])
  })

  it('survives broken UTF-8', async () => {
    expect(await inputsOf(Uint8Array.of(0xff, 0xfe), Buffer.from('q'))).toEqual([char('q')])
    expect(await inputsOf(Uint8Array.of(0xc3), Buffer.from('\x1b[A'))).toEqual([key('up')])
  })

  it('takes bulk in many pieces for pastes, even when a piece is one character', async () => {
    const { clock, inputs, keys } = reader()
    const text = 'q\r'.repeat(5000)
    for (let at = 0; at < text.length; at += 333) keys.feed(text.slice(at, at + 333))
    keys.feed('q')
    keys.feed('\r')
    expect(inputs.every(({ kind }) => kind === 'paste')).toBe(true)
    expect(inputs.map((input) => (input.kind === 'paste' ? input.text : '')).join('')).toBe('q\n'.repeat(5001))
    await clock.advance(50)
    keys.feed('q')
    expect(inputs.at(-1)).toEqual(char('q'))
  })

  it('keeps a bracketed paste of a megabyte whole', async () => {
    const text = 'x'.repeat(1_000_000)
    const { inputs, keys } = reader()
    const bytes = `\x1b[200~${text}\x1b[201~`
    for (let at = 0; at < bytes.length; at += 1000) keys.feed(bytes.slice(at, at + 1000))
    expect(inputs).toEqual([paste(text)])
  })

  it('gives up an endless answer instead of keeping it', async () => {
    const { inputs, keys } = reader()
    for (let piece = 0; piece < 100; piece++) keys.feed(piece === 0 ? '\x1b]0;' : ';'.repeat(99))
    expect(inputs).not.toEqual([])
    keys.feed('\x1b[A')
    expect(inputs.at(-1)).toEqual(key('up'))
  })
})

function wheel(direction: 'up' | 'down', column: number, row: number): Input {
  return { kind: 'wheel', direction, column, row }
}
