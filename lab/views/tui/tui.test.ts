import { afterEach, describe, expect, it } from 'vitest'
import { Tui, type TuiOptions } from '../../testing/tui.ts'

// Ink draws nothing but its last frame where it finds itself in CI.
for (const name of Object.keys(process.env))
  if (/^(CI|CI_.*|CONTINUOUS_INTEGRATION)$/.test(name)) delete process.env[name]

const open: Tui[] = []
afterEach(async () => {
  for (const tui of open.splice(0)) {
    expect(await tui.display.isBroken()).toBe(false)
    expect(tui.display.bytes).not.toContain('\u001b[3J')
    await tui.close()
  }
})

const start = async (options: TuiOptions = {}) => {
  const tui = await Tui.start(options)
  open.push(tui)
  return tui
}
/** Presses Enter until the screen shows something. */
const enterUntil = async (tui: Tui, what: string | RegExp, limit = 12) => {
  const holds = (screen: string) => (typeof what === 'string' ? screen.includes(what) : what.test(screen))
  for (let pressed = 0; !holds(await tui.text()); pressed++) {
    if (pressed === limit) throw new Error(`never led to ${what}:\n${await tui.text()}`)
    await tui.press('enter')
    await tui.pass(400)
  }
}

describe.each([
  [80, 24],
  [120, 40],
  [60, 15],
])('at %i×%i', (columns, rows) => {
  it('shows each state of a visit, from the welcome to the end, by Enter alone', async () => {
    const tui = await start({ columns, rows })
    await tui.see('Welcome')
    await tui.see(/Enter (begin|read on)/)
    await enterUntil(tui, /→ The tools/)
    await enterUntil(tui, /→ Greet/)
    await enterUntil(tui, 'Enter run it')
    await enterUntil(tui, /→ Look at it/)
    await enterUntil(tui, /→ Edit it/)
    await enterUntil(tui, /→ Ask the courier/)
    await enterUntil(tui, /Courier acts next/)
    await tui.press('f')
    await enterUntil(tui, /→ Refuse a second one/)
    await enterUntil(tui, 'Every check passed')
    await enterUntil(tui, 'Enter leave')
    await tui.press('enter')
    await tui.pass(100)
    expect(tui.left?.code).toBe(0)
    expect(tui.left?.lines.join('\n')).toContain('5 of 5 passed')
  })
})
