import type { Tmux } from './tmux.ts'

const offered = (screen: string) => /Enter (begin|type at once|run it|go on|leave)/.exec(screen)?.[1]

/** The whole course takes fewer. */
const MOST_PRESSES = 300

/**
 * Presses for the next thing until a demo shows something; never before it says what Enter does.
 *
 * @throws Error with the screen, when no number of presses leads there
 */
export async function pressUntil(
  demo: Tmux,
  what: RegExp,
  press: () => Promise<void> = () => demo.press('Enter'),
): Promise<void> {
  let before = ''
  for (let pressed = 0; pressed < MOST_PRESSES; pressed++) {
    before = await demo.waitFor((screen) => what.test(screen) || offered(screen) !== undefined)
    if (what.test(before)) return
    await press()
    const typing = offered(before) === 'type at once'
    await demo.waitFor((screen) => (typing ? offered(screen) !== offered(before) : screen !== before))
  }
  throw new Error(`${MOST_PRESSES} presses did not lead to ${what}:\n${before}`)
}
