import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FIXTURE } from './fixture.ts'
import { bundleProgram, type Program } from './program.ts'

let program: Program
beforeAll(async () => {
  program = await bundleProgram()
})
afterAll(() => program.remove())
beforeEach(async () => {
  await program.run(['reset', '--yes'])
})

const journal = () => readFileSync(join(program.stateDir, 'journal.jsonl'), 'utf8')
const times = (text: string, part: string) => text.split(part).length - 1

describe('the program', () => {
  it('goes on after a kill -9 in the middle of a run, without doing again what passed', async () => {
    expect((await program.run(['run', '--until', '1'])).code).toBe(0)
    process.kill(program.pid(), 'SIGKILL')
    const { code, out } = await program.run(['run'])
    expect(out).not.toContain('greeting.txt')
    expect(out).toContain('Every check passed.')
    expect(code).toBe(0)
    expect(times(journal(), '"action":"greet"')).toBe(2)
  })

  it('lets the client of a run die, and a second run follow and finish', async () => {
    const first = program.start(['run'])
    await new Promise((resolve) => first.stdout?.once('data', resolve))
    const second = program.run(['run'])
    first.kill('SIGKILL')
    expect((await second).code).toBe(0)
  })

  it('runs twice at once: one drives, the other follows, both end well', async () => {
    const [one, two] = await Promise.all([program.run(['run']), program.run(['run'])])
    expect([one.code, two.code]).toEqual([0, 0])
    expect(times(journal(), '"kind":"action-started","task":"files/greet"')).toBe(1)
    expect(times(journal(), '"session-started"')).toBe(1)
  })

  it.skipIf(!existsSync('/dev/full'))('goes on where there is no room for its log', async () => {
    const full = openSync('/dev/full', 'w')
    const serving = spawn(process.execPath, [program.path, FIXTURE, 'serve'], {
      env: { PATH: process.env['PATH'] ?? '', HOME: program.home },
      stdio: ['ignore', full, full],
    })
    closeSync(full)
    for (let asked = 0; asked < 50 && (await program.run(['status'])).code !== 0; asked++);
    expect((await program.run(['run', '--until', '1'])).code).toBe(0)
    expect(program.pid()).toBe(serving.pid)
  })

  it('drops a journal line that was cut short', async () => {
    await program.run(['run', '--until', '1'])
    await program.run(['down'])
    writeFileSync(join(program.stateDir, 'journal.jsonl'), journal().slice(0, -20))
    expect((await program.run(['run'])).code).toBe(0)
  })

  it('refuses a journal of another version, to those who start it', async () => {
    await program.run(['env'])
    await program.run(['down'])
    writeFileSync(join(program.stateDir, 'journal.jsonl'), '{"journal":9}\n')
    const { code, err } = await program.run(['run'])
    expect(code).toBe(1)
    expect(err).toContain('is of format 9, written by another version')
    expect(err).toContain('`gitops-lab reset`')
  })

  it('says that a state folder cannot be made, and a working folder is somebody else’s', async () => {
    const file = join(program.home, 'file')
    writeFileSync(file, '')
    const unmakeable = await program.run(['--state-dir', join(file, 'x'), 'run'])
    expect(unmakeable.code).toBe(1)
    expect(unmakeable.err).toMatch(/expected {2}a state folder that can be written\nfound {5}.*ENOTDIR/)
    const theirs = join(program.home, 'theirs')
    mkdirSync(theirs, { recursive: true })
    writeFileSync(join(theirs, 'precious'), '')
    const foreign = await program.run(['--dir', theirs, 'run'])
    expect(foreign.code).toBe(1)
    expect(foreign.err).toContain("holds files that are not the lab's")
    expect(existsSync(join(theirs, 'precious'))).toBe(true)
  })

  it('knows usage errors from a world that is not up', async () => {
    expect(await program.run(['run', 'flies'])).toMatchObject({
      code: 64,
      err: 'unknown step "flies"; did you mean "files"? (the steps are 1-files, 2-delivery)\n',
    })
    for (const args of [['check'], ['why'], ['status'], ['timers'], ['nudge'], ['snapshots'], ['sandbox', 'status']]) {
      expect((await program.run(args)).code, args.join(' ')).toBe(69)
    }
    expect(existsSync(program.stateDir)).toBe(false)
  })

  it('gives verdicts with exit codes, and says when the calling shell is not the lab’s', async () => {
    await program.run(['run', '--until', '1'])
    const blocked = await program.run(['check', '--json'])
    expect(blocked.code).toBe(1)
    expect(JSON.parse(blocked.out)).toEqual([
      {
        step: '2-delivery',
        task: 'ask',
        check: 'the parcel is there',
        verdict: 'blocked',
        expected: 'a request',
        found: 'none',
        next: 'Write request.yaml',
      },
    ])
    expect(blocked.err).toContain('KUBECONFIG is not set')
    writeFileSync(join(program.labDir, 'request.yaml'), '')
    expect((await program.run(['check', 'delivery/ask'])).code).toBe(2)
    expect(await program.run(['nudge'])).toMatchObject({ code: 0, out: expect.stringMatching(/\S/) })
    expect((await program.run(['check', 'delivery/ask'])).code).toBe(0)
    expect((await program.run(['check', '1'])).code).toBe(0)
    expect((await program.run(['check', 'delivery/aks'])).code).toBe(64)
  })

  it('opens the learner’s shell with the lab’s variables', async () => {
    const shell = join(program.home, 'shell.sh')
    writeFileSync(
      shell,
      '#!/bin/sh\npwd; echo "$GREETING"; command -v gitops-lab; gitops-lab check 1/tools; exit 5\n',
      { mode: 0o755 },
    )
    const { code, out } = await program.run(['shell'], { env: { SHELL: shell } })
    expect(code).toBe(5)
    expect(out.split('\n').slice(0, 4)).toEqual([
      program.labDir,
      'hello',
      join(program.stateDir, 'bin', 'gitops-lab'),
      'passed   1-files/tools  bash is there (5.2.0)',
    ])
  })

  it('tells a run as JSON lines', async () => {
    const { code, out } = await program.run(['run', '1', '--json'])
    expect(code).toBe(0)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event?: { kind: string }; summary?: object })
    expect(lines.map(({ event }) => event?.kind)).toContain('output')
    expect(lines.at(-1)?.summary).toMatchObject({ steps: { passed: 1, total: 2 } })
  })

  it('leaves a recording that is there alone when the demo is refused, and replaces it when it begins', async () => {
    const file = join(program.home, 'talk.cast')
    writeFileSync(file, 'a talk\n'.repeat(100_000))
    const demo = (...args: readonly string[]) =>
      program.run(['demo', '--auto', '--speed', '20', '--pause', '0', '--record', file, ...args])
    expect(await demo('2')).toMatchObject({ code: 1, err: expect.stringContaining('everything before') })
    expect(readFileSync(file, 'utf8')).toBe('a talk\n'.repeat(100_000))
    expect((await demo()).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/^\{"version":2/)
    expect(readFileSync(file, 'utf8')).not.toContain('a talk')
  })

  it('reset removes what is the lab’s and asks first', async () => {
    await program.run(['run', '--until', '1'])
    expect((await program.run(['reset'])).code).toBe(64)
    expect(existsSync(program.labDir)).toBe(true)
    const pid = program.pid()
    expect((await program.run(['reset', '--yes'])).code).toBe(0)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(existsSync(program.labDir) || existsSync(program.stateDir)).toBe(false)
  })

  it('proves the course in a world of its own', async () => {
    const { code, out } = await program.run(['lint', '--prove'])
    expect(out).toContain('proven  delivery/ask')
    expect(code).toBe(0)
    expect(existsSync(program.stateDir)).toBe(false)
  })
})
