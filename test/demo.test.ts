import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Terminal } from '@xterm/headless'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { pressUntil } from './demo-keys.ts'
import { Tmux } from './tmux.ts'
import { has, World } from './world.ts'

const root = resolve(import.meta.dirname, '..')
const LAB = ['--lab', join(root, 'assets', 'lab')]
const PROGRAM = [process.execPath, join(root, 'bin', 'gitops-lab.mjs'), ...LAB].map((part) => `'${part}'`).join(' ')
const missing = ['tmux', 'kubectl', 'bash'].filter((program) => !has(program))

describe.skipIf(missing.length > 0)('a demo of a small lab, by the real program', { timeout: 180_000 }, () => {
  let world: World
  const terminals: Tmux[] = []
  beforeAll(() => {
    world = new World()
  })
  afterEach(async () => {
    await Promise.all(terminals.splice(0).map((tmux) => tmux.close()))
    await world.run([...LAB, 'reset', '--yes'])
  })
  afterAll(() => rmSync(world.home, { recursive: true, force: true, maxRetries: 5 }))

  const terminal = async (line: string) => {
    const tmux = await Tmux.start({ home: world.home, columns: 110, rows: 32 })
    terminals.push(tmux)
    await tmux.run(`${PROGRAM} ${line}`)
    return tmux
  }
  const status = async () => JSON.parse((await world.run([...LAB, 'status', '--json'])).out) as { checks: object }

  it('goes to the end by keys, taken over and given back, resized, its notes killed and attached again', async () => {
    const stage = await terminal('demo')
    await stage.waitFor(/Enter begin/)
    const notes = await terminal('notes')
    await notes.waitFor(/A lab of my own[\s\S]*ready/)
    await pressUntil(stage, /→ Create the namespace/, () => notes.press('Enter'))
    expect(await stage.screen()).not.toContain('Ask who has worked')
    await notes.waitFor(/Ask who has worked[\s\S]*kubectl create namespace/)
    await stage.waitFor(/\$ kubectl create/)
    await stage.resize(70, 20)
    await stage.waitFor(/ready to run/)
    await stage.resize(110, 32)
    await stage.press('o')
    await stage.waitFor(/taken over/)
    await stage.paste('echo "own $TEAM"')
    await stage.waitFor(/\$ echo "own \$TEAM"/)
    await stage.press('Enter')
    await stage.waitFor(/^ ?own blue/m)
    await stage.press('Escape')
    await stage.waitFor(/ready to run/)
    process.kill(await notes.foreground(), 'SIGKILL')
    await notes.waitFor(/Press Enter/)
    await notes.press('Enter')
    await pressUntil(stage, /→ Write the Deployment/)
    await notes.run(`${PROGRAM} notes`)
    await notes.waitFor(/Something that runs: Write the Deployment/)
    await pressUntil(stage, /Every check passed/, () => notes.press('Enter'))
    await notes.press('q')
    expect(await notes.exitCode()).toBe(0)
    await pressUntil(stage, /^exit:\d/m)
    expect(await stage.exitCode()).toBe(0)
    expect(await status()).toMatchObject({ checks: { passed: 4, total: 4 } })
  })

  it('goes there without a key; of two at once the one that was started last acts', async () => {
    const early = await terminal('demo')
    await early.waitFor(/Enter begin/)
    const late = await terminal('demo --auto --speed 20 --pause 0')
    expect(await late.exitCode()).toBe(0)
    const screen = await early.waitFor(/ready {2}Enter/)
    expect(screen).toContain('Welcome')
    expect(await status()).toMatchObject({ checks: { passed: 4, total: 4 } })
  })

  it('says to the earlier one that another acts', async () => {
    const early = await terminal('demo')
    await early.waitFor(/Enter begin/)
    const late = await terminal('demo')
    await early.waitFor(/another demo was started later/)
    await early.press('Enter')
    await late.waitFor(/Enter begin/)
    await late.press('q')
    expect(await late.exitCode()).toBe(0)
    await pressUntil(early, /→ See the cluster/)
  })

  it('is recorded without a terminal, and the recording plays to the end', async () => {
    const file = join(world.home, 'a.cast')
    const options = [
      '--auto',
      '--speed',
      '20',
      '--pause',
      '0',
      '--record',
      file,
      '--stills',
      join(world.home, 'stills'),
    ]
    expect(await world.run([...LAB, 'demo', ...options, '--size', '100x30'])).toMatchObject({
      code: 0,
      err: expect.any(String),
    })
    const [header, ...events] = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(header).toMatchObject({ version: 2, width: 100, height: 30 })
    const display = new Terminal({ cols: 100, rows: 30, allowProposedApi: true })
    for (const [, , bytes] of events) display.write(bytes)
    await new Promise<void>((resolve) => display.write('', resolve))
    const rows = Array.from({ length: 30 }, (_, at) => display.buffer.active.getLine(at)?.translateToString(true))
    expect(rows.join('\n')).toContain('Every check passed')
    expect(readFileSync(join(world.home, 'stills', 'step-1-namespace.svg'), 'utf8')).toContain('<svg')
  })

  it.each<[string, readonly string[], RegExp]>([
    [
      'a file that cannot be written',
      ['--auto', '--record', '/nowhere/a.cast'],
      /can be written to, \/nowhere\/a\.cast/,
    ],
    ['no terminal', [], /expected {2}a terminal/],
    ['an unknown step', ['nonsense'], /unknown step "nonsense"/],
    ['a speed that is none', ['--speed', '0'], /above 0/],
  ])('refuses %s before anything starts', async (_, args, why) => {
    const state = join(world.home, '.local', 'state')
    mkdirSync(state, { recursive: true })
    const { code, err } = await world.run([...LAB, 'demo', ...args])
    expect([code, why.test(err)]).toEqual([64, true])
    expect(existsSync(join(world.home, 'gitops-lab-work-lab'))).toBe(false)
  })
})
