import type { Tmux } from './tmux.ts'

const offered = (screen: string) => /Enter (begin|type at once|run it|go on|leave)/.exec(screen)?.[1]

/** Presses for the next thing until a demo shows something; never before it says what Enter does. */
export async function pressUntil(
  demo: Tmux,
  what: RegExp,
  press: () => Promise<void> = () => demo.press('Enter'),
): Promise<void> {
  for (;;) {
    const before = await demo.waitFor((screen) => what.test(screen) || offered(screen) !== undefined)
    if (what.test(before)) return
    await press()
    const typing = offered(before) === 'type at once'
    await demo.waitFor((screen) => (typing ? offered(screen) !== offered(before) : screen !== before))
  }
}
