import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Tmux } from './tmux.ts'
import { has } from './world.ts'

const HELD = { alternate: true, mouse: true, cursor: false }
const FREE = { alternate: false, mouse: false, cursor: true }
const COOKED = ['icanon', 'isig', 'iexten', 'echo', 'icrnl', 'ixon', 'opost']

const home = mkdtempSync(join(tmpdir(), 'gl-term-'))
const demo = join(home, 'demo.mjs')

beforeAll(() =>
  build({
    entryPoints: [resolve(import.meta.dirname, '../lab/testing/terminal-main.ts')],
    outfile: demo,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'error',
  }).then(() => {}),
)
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))

describe.skipIf(!has('tmux'))('the terminal, in tmux', { timeout: 300_000 }, () => {
  let tmux: Tmux
  beforeEach(async () => {
    tmux = await Tmux.start({ home })
  })
  afterEach(() => tmux.close())

  const shown = async () => Number(/^pid (\d+)/.exec(await tmux.waitFor(/^input none/m))?.[1])
  /** Starts the program from the interactive shell; its pid. */
  const start = async (program = '') => {
    await tmux.run(`'${process.execPath}' '${demo}' ${program}`)
    return shown()
  }
  /** Starts it from one that does not set right what a program leaves behind, as the interactive one does. */
  const startBare = async () => {
    await tmux.run(`sh -c "'${process.execPath}' '${demo}'; echo left:\\$?; read held"`)
    return shown()
  }
  const modes = (expected: typeof HELD) =>
    eventually(async () => JSON.stringify(await tmux.modes()) === JSON.stringify(expected))
  const cooked = () =>
    eventually(async () => {
      const settings = await tmux.stty()
      return COOKED.every((setting) => settings.includes(setting))
    })
  /** The exit code of what `startBare` started, after which the terminal is free. */
  const left = async () => {
    const screen = await tmux.waitFor(/^left:\d+$/m)
    await modes(FREE)
    await cooked()
    return Number(/^left:(\d+)$/m.exec(screen)?.[1])
  }

  it('is held while the program runs, and free after it', async () => {
    await startBare()
    expect(await tmux.modes()).toEqual(HELD)
    expect(await tmux.stty()).toEqual(expect.arrayContaining(['-icanon', '-isig', '-echo']))
    await tmux.press('q')
    expect(await left()).toBe(0)
  })

  it('takes Ctrl-C, wheel and pastes for input', async () => {
    await start()
    await tmux.press('C-c')
    await tmux.waitFor(/^input ctrl-c\./m)
    await tmux.type('\x1b[<64;3;2M')
    await tmux.waitFor(/^input wheel at 2,1\./m)
    await tmux.paste('q\n'.repeat(3000))
    await tmux.waitFor(/^input paste of 6000\./m)
    await tmux.press('Escape')
    await tmux.waitFor(/^input escape\./m)
  })

  it('follows the size of the terminal', async () => {
    await start()
    await tmux.resize(100, 30)
    await tmux.waitFor(/^size 100x30\./m)
    await tmux.resize(60, 15)
    await tmux.waitFor(/^size 60x15\./m)
  })

  it('copies to the clipboard', async () => {
    await start()
    await tmux.press('y')
    await eventually(async () => (await tmux.clipboard()) === 'copied text')
  })

  it('is free after an error that nobody caught, and the error can be read', async () => {
    await startBare()
    await tmux.press('b')
    expect(await left()).toBe(1)
    expect(await tmux.screen()).toContain('Error: broken on purpose')
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('is free after %s, which still ends the program', async (signal, code) => {
    process.kill(await startBare(), signal)
    expect(await left()).toBe(code)
  })

  it('is free after a kill', async () => {
    process.kill(await startBare(), 'SIGKILL')
    await tmux.waitFor(/^The program was killed/m)
    await modes(FREE)
    await cooked()
  })

  it('is free after a kill of the whole process group', async () => {
    await start()
    process.kill(-(await tmux.foreground()), 'SIGKILL')
    await tmux.waitFor(/^The program was killed/m)
    await modes(FREE)
    await tmux.press('Enter')
    await tmux.waitForPrompt()
  })

  it('is left alone by the guardian once the program gave it back', async () => {
    const guardian = childOf(await start())
    process.kill(guardian, 'SIGSTOP')
    await tmux.press('q')
    await tmux.exitCode()
    await tmux.run(`printf '\\033[?1049h\\033[?1000hmine'`)
    await tmux.waitFor(/mine/)
    process.kill(guardian, 'SIGCONT')
    await eventually(() => !alive(guardian))
    expect(await tmux.modes()).toEqual({ ...FREE, alternate: true, mouse: true })
  })

  it('is free while the job is stopped, and held with the same frame when it is continued', async () => {
    await start()
    await tmux.press('x')
    await tmux.waitFor(/^input x\./m)
    await tmux.press('C-z')
    await tmux.waitFor(/Stopped/)
    expect(await tmux.modes()).toEqual(FREE)
    await tmux.resize(90, 20)
    await tmux.run('fg')
    await tmux.waitFor(/^size 90x20\.\ninput ctrl-z\./m)
    await modes(HELD)
    await tmux.press('q')
    expect(await tmux.exitCode()).toBe(0)
    expect(await tmux.modes()).toEqual(FREE)
  })

  it('is free while stopped by SIGTSTP, and held again after a SIGSTOP that nobody sees coming', async () => {
    const program = await start()
    for (const signal of ['SIGTSTP', 'SIGSTOP'] as const) {
      process.kill(program, signal)
      await tmux.waitFor(/Stopped/)
      if (signal === 'SIGTSTP') expect(await tmux.modes()).toEqual(FREE)
      await tmux.run('fg')
      await tmux.waitFor(/^input none\./m)
      await modes(HELD)
      await eventually(async () => (await tmux.stty()).includes('-isig'))
    }
    await tmux.press('x')
    await tmux.waitFor(/^input x\./m)
  })

  it('comes back where there is no shell to continue it', async () => {
    const alone = await Tmux.start({ home, program: [process.execPath, demo] })
    try {
      await alone.waitFor(/^input none/m)
      await alone.press('C-z')
      await alone.waitFor(/^input ctrl-z/m)
      await alone.press('x')
      await alone.waitFor(/^input x\./m)
      expect(await alone.modes()).toEqual(HELD)
    } finally {
      await alone.close()
    }
  })

  it('is left to another program, with Ctrl-C and Ctrl-Z, and taken back', async () => {
    const raw = `process.stdin.setRawMode(true).on('data', (data) => data.forEach((byte) => { console.log('got', byte); if (byte === 113) process.exit(7) })); console.log('up')`
    await start(`'${process.execPath}' -e "${raw}"`)
    await tmux.press('s')
    await tmux.waitFor(/^up$/m)
    expect(await tmux.modes()).toEqual(FREE)
    await tmux.press('C-c', 'C-z')
    await tmux.waitFor(/^got 3\s+got 26$/m)
    await tmux.press('q')
    await tmux.waitFor(/^ran to 7\./m)
    await modes(HELD)
    await tmux.press('x')
    await tmux.waitFor(/^input x\./m)
  })

  it('survives Ctrl-C while another program has it', async () => {
    await start(`sh -c 'trap "echo interrupted" INT; echo up; read one; read two; exit 3'`)
    await tmux.press('s')
    await tmux.waitFor(/^up$/m)
    await tmux.press('C-c')
    await tmux.waitFor(/interrupted$/m)
    await tmux.press('Enter', 'Enter')
    await tmux.waitFor(/^ran to 3\./m)
  })

  it('is left to a shell that controls its own jobs', async () => {
    await start(`env PS1='inner> ' bash --norc --noprofile -i`)
    await tmux.press('s')
    await tmux.waitFor(/inner>$/m)
    const shell = await tmux.foreground()
    await tmux.type('cat')
    await tmux.press('Enter')
    await eventually(async () => (await tmux.foreground()) !== shell)
    await tmux.press('C-z')
    await tmux.waitFor(/Stopped\s+cat/)
    // The first `exit` warns of stopped jobs, the second leaves.
    for (const line of ['exit 5', 'exit 5']) {
      await tmux.waitFor(/inner>\s*$/)
      await tmux.type(line)
      await tmux.press('Enter')
    }
    await tmux.waitFor(/^ran to 5\./m)
    await modes(HELD)
  })
})

function childOf(parent: number): number {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const child = rows.map((row) => row.trim().split(/\s+/).map(Number)).find(([, ppid]) => ppid === parent)
  return child?.[0] as number
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
