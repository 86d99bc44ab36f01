import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Tmux } from './tmux.ts'
import { has } from './world.ts'

const bin = resolve(import.meta.dirname, '..', 'bin', 'gitops-lab.mjs')
const home = mkdtempSync(join(tmpdir(), 'gl-tui-'))
const program = `'${process.execPath}' '${bin}'`
const FREE = { alternate: false, mouse: false, cursor: true }
const HELD = { alternate: true, mouse: true, cursor: false }

afterAll(() => {
  execFileSync(process.execPath, [bin, 'down'], { env: { PATH: process.env['PATH'], HOME: home } })
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

describe.skipIf(!has('tmux') || !has('kubectl'))('the terminal UI, bundled, in tmux', { timeout: 300_000 }, () => {
  let tmux: Tmux
  beforeEach(async () => {
    const editor = join(home, 'editor.sh')
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/Ada/Ida/" "$1"\n', { mode: 0o755 })
    tmux = await Tmux.start({ home, env: { EDITOR: editor, SHELL: '/bin/sh' } })
  })
  afterEach(() => tmux.close())

  /** What Enter would do, and to what: the place, what is in sight of the text, and its commands. Absent if nothing. */
  const offerOf = (screen: string) => {
    const rows = screen.trimEnd().split('\n')
    const label = /Enter (\w+(?: \w+)*)/.exec(rows.at(-1) ?? '')?.[1]
    const commands = rows.map((row) => /Enter runs|✓ done/.exec(row)?.[0])
    return label && JSON.stringify([rows[0]?.replace(/\s+[█░].*/, ''), rows[1], label, commands])
  }
  /** Presses Enter until the screen shows something: only where it is offered, and again only when it did something. */
  const enterUntil = async (what: RegExp) => {
    for (let pressed: string | undefined; ; await tmux.press('Enter')) {
      const isNext = (screen: string) => offerOf(screen) !== undefined && offerOf(screen) !== pressed
      const screen = await tmux.waitFor((now) => what.test(now) || isNext(now))
      if (what.test(screen)) return
      pressed = offerOf(screen)
    }
  }
  const modes = (expected: typeof HELD) =>
    eventually(async () => JSON.stringify(await tmux.modes()) === JSON.stringify(expected))
  const journal = () => readFileSync(join(home, '.local/state/gitops-lab/journal.jsonl'), 'utf8')

  const leave = async () => {
    await tmux.press('q')
    expect(await tmux.exitCode()).toBe(0)
  }

  it('boots, completes step 1 by keys alone, and leaves the terminal as it was', async () => {
    await tmux.run(program)
    await tmux.waitFor(/Welcome/)
    await enterUntil(/1\/5 Prerequisites/)
    expect(await tmux.modes()).toEqual(HELD)
    await enterUntil(/2\/5 GitLab/)
    expect(journal()).toContain('"kind":"task-passed","task":"prerequisites/flux"')
    await leave()
    expect(await tmux.screen()).toMatch(/`gitops-lab` comes back to GitLab repositories/)
    expect(await tmux.modes()).toEqual(FREE)
  })

  it('comes back to where the learner was, fits a new size, is suspended and continued', async () => {
    await tmux.run(program)
    await tmux.waitFor(/Welcome back/)
    await enterUntil(/2\/5 GitLab repositories → Create both projects/)
    await tmux.resize(120, 40)
    await tmux.waitFor(/Progress/)
    await tmux.resize(50, 12)
    await tmux.waitFor(/Make it 60×15/)
    await tmux.resize(80, 24)
    await tmux.waitFor(/→ Create both projects/)
    await tmux.press('C-z')
    await tmux.waitFor(/Stopped/)
    await modes(FREE)
    await tmux.type('fg')
    await tmux.press('Enter')
    await tmux.waitFor(/→ Create both projects/)
    await modes(HELD)
    await tmux.press('C-c')
    await tmux.waitFor(/`gitops-lab` comes back to/)
    await modes(FREE)
  })

  it('leaves the terminal usable when it is killed, and goes on afterwards', async () => {
    await tmux.run(program)
    await tmux.waitFor(/Welcome back/)
    await enterUntil(/→ Create both projects/)
    const pid = await tmux.foreground()
    process.kill(pid, 'SIGKILL')
    // What the shell says of its end may be on the screen that is left.
    await tmux.waitFor(/The program was killed.*Press Enter/)
    await modes(FREE)
    await tmux.press('Enter')
    await tmux.run(program)
    await tmux.waitFor(/Welcome back/)
    await enterUntil(/→ Create both projects/)
    await leave()
  })

  it('says that the background process was killed, and starts it again', async () => {
    await tmux.run(program)
    await tmux.waitFor(/Welcome back/)
    await enterUntil(/→ Create both projects/)
    const { pid } = JSON.parse(readFileSync(join(home, '.local/state/gitops-lab/serve.json'), 'utf8')) as {
      pid: number
    }
    process.kill(pid, 'SIGKILL')
    await tmux.waitFor(/The background process is gone/)
    await tmux.press('r')
    await tmux.waitFor(/Step 2: GitLab repositories/)
    await leave()
  })

  it('opens a shell that leads to the lab, and comes back', async () => {
    await tmux.run(program)
    await tmux.waitFor(/Welcome back/)
    await enterUntil(/→ Create both projects/)
    await tmux.press('s')
    await tmux.waitFor(/A shell of the lab/)
    await modes(FREE)
    await tmux.type('kubectl get namespace flux-system; exit')
    await tmux.press('Enter')
    await tmux.waitFor(/→ Create both projects/)
    await modes(HELD)
    await leave()
  })

  it('needs a terminal: without one, or with TERM=dumb, it tells in plain lines', async () => {
    await tmux.run(`TERM=dumb ${program}`)
    expect(await tmux.exitCode()).toBe(0)
    expect(await tmux.screen()).toContain('gitops-lab why')
  })
})
