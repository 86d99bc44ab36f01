import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** A terminal of a tmux server of its own, whose socket is in `folder` and whose environment is `env`. */
export function terminalOf(folder, env) {
  const tmux = (...args) => execFileSync('tmux', ['-S', join(folder, 's'), ...args], { env, encoding: 'utf8' })
  const screen = () => tmux('capture-pane', '-p')
  return {
    tmux,
    screen,
    press: (...keys) => tmux('send-keys', ...keys),
    type: (text) => tmux('send-keys', '-l', text),
    /** Opens it with a shell at `cwd`. */
    open(columns, rows, cwd) {
      const size = ['-x', String(columns), '-y', String(rows)]
      tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, "env PS1='$ ' bash --norc --noprofile")
    },
    /** Waits until the screen shows something; how long that took. */
    async seen(what, limit = 60_000) {
      const start = performance.now()
      while (!what.test(screen())) {
        if (performance.now() - start > limit) throw new Error(`never seen: ${what}\n${screen()}`)
        await sleep(2)
      }
      return performance.now() - start
    },
  }
}
