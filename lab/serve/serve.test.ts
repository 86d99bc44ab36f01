import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beginDemo, type Demo } from '../engine/demo-state.ts'
import type { Recorded } from '../engine/events.ts'
import type { RemoteInput } from '../engine/stage.ts'
import { ManualClock, systemClock } from '../sandbox/core/clock.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import { FIXTURE } from '../testing/fixture.ts'
import { until } from '../testing/until.ts'
import { type Attached, attach, attachToStop, listens } from './client.ts'
import { claimFolder, removeFolder } from './folder.ts'
import { openJournal } from './journal.ts'
import { newRecord, readRecord, takeRecord } from './record.ts'
import { type ServeOptions, serve } from './serve.ts'
import { IDLE } from './server.ts'
import { defaultStateDir, readSettings, stateDir } from './state-dir.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gl-serve-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the journal', () => {
  const event = (seq: number): Recorded => ({ seq, at: seq, event: { kind: 'finished' } })
  const path = () => join(folder, 'journal.jsonl')

  it('gives back what it was given, and drops a last line that was cut short', () => {
    const journal = openJournal(path())
    journal.append(event(1))
    journal.append(event(2))
    journal.close()
    appendFileSync(path(), '{"seq":3,"at"')
    const again = openJournal(path())
    expect(again.past).toEqual([event(1), event(2)])
    again.append(event(3))
    again.close()
    expect(openJournal(path()).past).toEqual([event(1), event(2), event(3)])
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  it('begins anew where only its first line was cut short', () => {
    writeFileSync(path(), '{"jour')
    expect(openJournal(path()).past).toEqual([])
    expect(readFileSync(path(), 'utf8')).toBe('{"journal":1}\n')
  })

  it('refuses another version’s, and a damaged one, with what to do', () => {
    writeFileSync(path(), '{"journal":2}\n')
    expect(() => openJournal(path())).toThrow(/is of format 2, written by another version[\s\S]*`gitops-lab reset`/)
    writeFileSync(path(), '{"journal":1}\n{"seq":1\n{}\n')
    expect(() => openJournal(path())).toThrow(`${path()}:2 is damaged`)
  })
})

describe('folders', () => {
  it('are claimed when absent or empty, known again, and removed only with our marker', () => {
    const path = join(folder, 'a', 'b')
    claimFolder(path, 'work', 'me')
    writeFileSync(join(path, 'file'), '')
    claimFolder(path, 'work', 'me')
    expect(() => claimFolder(path, 'work', 'you')).toThrow('belongs to another lab (me)')
    expect(() => claimFolder(path, 'state', 'me')).toThrow('belongs to another lab')
    expect(removeFolder(path, 'state')).toBe(false)
    expect(removeFolder(path, 'work')).toBe(true)
    expect(existsSync(path)).toBe(false)
  })

  it('of others are left', () => {
    writeFileSync(join(folder, 'precious'), '')
    expect(() => claimFolder(folder, 'work', 'me')).toThrow(
      /holds files that are not the lab's\nnext {6}Choose another folder with --dir/,
    )
    expect(removeFolder(folder, 'work')).toBe(false)
    expect(() => claimFolder(join(folder, 'precious', 'x'), 'state', 'me')).toThrow(/ENOTDIR[\s\S]*--state-dir/)
  })
})

describe('the state folder', () => {
  it.each([
    [{}, undefined, '/home/u/.local/state/gitops-lab'],
    [{ XDG_STATE_HOME: '/s' }, undefined, '/s/gitops-lab'],
    [{ XDG_STATE_HOME: 'relative' }, undefined, '/home/u/.local/state/gitops-lab'],
  ])('%j', (env, lab, expected) => expect(defaultStateDir(env, '/home/u', lab)).toBe(expected))

  it('is apart for a lab of one’s own', () => {
    expect(defaultStateDir({}, '/home/u', '/x/mine')).toMatch(/^\/home\/u\/.local\/state\/gitops-lab-mine-[0-9a-f]{8}$/)
  })

  it('has its socket elsewhere where its path is too long', () => {
    expect(stateDir('/s', '/tmp', 7).socket).toBe('/s/lab.sock')
    expect(stateDir(`/${'s'.repeat(120)}`, '/tmp', 7).socket).toMatch(/^\/tmp\/gitops-lab-7\/[0-9a-f]{8}\.sock$/)
  })

  it('says when its settings are damaged', () => {
    writeFileSync(join(folder, 'settings.json'), '{"labDir"')
    expect(() => readSettings(stateDir(folder, '/tmp'))).toThrow('a file that is cut short or damaged')
  })
})

describe('the record', () => {
  const path = () => join(folder, 'serve.json')
  const record = (pid: number, startedAt = Date.now()) => ({ ...newRecord('1', '/s', Date.now()), pid, startedAt })
  const put = (content: object | string) =>
    writeFileSync(path(), typeof content === 'string' ? content : JSON.stringify(content))
  const take = (answers: boolean, now = Date.now()) => takeRecord(path(), record(process.pid, now), async () => answers)
  const gone = 2 ** 22 + 1

  it.each<[string, () => void, boolean, boolean]>([
    ['nobody', () => {}, false, true],
    ['a process that answers', () => put(record(process.ppid, Date.now() - 60_000)), true, false],
    ['a process that is just starting', () => put(record(process.ppid)), false, false],
    ['a process that took the pid of one of ours', () => put(record(process.ppid, Date.now() - 60_000)), false, true],
    ['a process that is gone', () => put(record(gone)), false, true],
    [
      'a process that answers although the clock was set',
      () => put({ ...record(process.ppid), bootedAt: 0 }),
      true,
      false,
    ],
    ['another boot', () => put({ ...record(process.ppid), bootedAt: 0 }), false, true],
    ['a record that was cut short', () => put('{"pid":'), false, true],
  ])('of %s', async (_, prepare, answers, expected) => {
    prepare()
    expect(await take(answers)).toBe(expected)
    expect(readRecord(path())?.pid === process.pid).toBe(expected)
    expect(existsSync(`${path()}.stale`)).toBe(false)
  })

  it('is taken by one of many', async () => {
    put(record(gone))
    const all = await Promise.all(Array.from({ length: 20 }, () => take(false)))
    expect(all.filter(Boolean)).toHaveLength(1)
  })
})

describe('the background process', () => {
  const running: Promise<number>[] = []
  const attached: Attached[] = []
  let ending = new AbortController()
  let socket: string
  beforeEach(() => {
    ending = new AbortController()
    socket = join(folder, 'state', 'lab.sock')
  })
  afterEach(async () => {
    for (const client of attached.splice(0)) client.detach()
    ending.abort(new Error('test over'))
    await Promise.all(running.splice(0))
  })

  function start(options: Partial<ServeOptions> = {}): Promise<number> {
    const code = serve({
      stateDir: join(folder, 'state'),
      labDir: join(folder, 'work'),
      course: FIXTURE,
      version: '1',
      program: ['node', 'it’s'],
      simulateImages: [],
      download: true,
      clock: systemClock(),
      createEnvironment: async () => fakeEnvironment(),
      signal: ending.signal,
      log: () => {},
      ...options,
    })
    running.push(code)
    return code
  }
  async function client(): Promise<Attached> {
    while (!(await listens(socket))) await new Promise((resolve) => setImmediate(resolve))
    const one = (await attach({ socket, clock: systemClock(), version: '1' })) as Attached
    attached.push(one)
    return one
  }

  it('tells every client every event, and outlives any of them', async () => {
    void start()
    const [one, two] = [await client(), await client()]
    const heard: string[] = []
    two.subscribe(({ event }) => heard.push(event.kind))
    await until(() => one.state().current === 'files/greet')
    expect(await one.dispatch({ kind: 'run', task: 'files/greet', action: 'greet' })).toEqual({ ok: true })
    await one.dispatch({ kind: 'check', tasks: ['files/greet'] })
    expect(one.state().current).toBe('files/look')
    one.detach()
    await until(() => two.state().current === 'files/look')
    expect(heard).toContain('task-passed')
    await two.dispatch({ kind: 'check', tasks: ['files/edit'] })
    expect(two.state()).toEqual((await client()).state())
    expect(await two.dispatch({ kind: 'cancel' })).toEqual({
      ok: false,
      why: 'nothing is running that could be cancelled',
    })
    expect(await two.ask('env')).toMatchObject({ LAB_DIR: '/lab' })
    expect((await two.events(2))[0]?.seq).toBe(3)
    await expect(two.dispatch({ kind: 'check' } as never)).rejects.toThrow()
    await expect(two.ask('nonsense' as never)).rejects.toThrow()
  })

  it('keeps everything in a folder that only its owner can open, and goes on from there', async () => {
    void start()
    const one = await client()
    await until(() => one.state().current === 'files/greet')
    await one.dispatch({ kind: 'hint', task: 'files/greet' })
    await one.stop()
    expect(await running.pop()).toBe(0)
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folder, 'state', 'bin', 'gitops-lab'), 'utf8')).toBe(
      '#!/bin/sh\nexec node \'it’s\' "$@"\n',
    )
    expect(existsSync(join(folder, 'state', 'serve.json'))).toBe(false)
    void start()
    expect((await client()).state().tasks['files/greet']?.hints).toBe(1)
  })

  it('has a socket that only its owner can open', async () => {
    void start()
    await client()
    expect(statSync(socket).mode & 0o777).toBe(0o600)
  })

  it('is one: a second one leaves at once', async () => {
    void start()
    await client()
    expect(await start()).toBe(0)
    expect(await listens(socket)).toBe(true)
  })

  it('gives the wheel to one client after the other', async () => {
    void start()
    const [one, two] = [await client(), await client()]
    const said: string[] = []
    await one.drive(() => said.push('one waits'))
    const waiting = two.drive(() => said.push('two waits')).then(() => said.push('two drives'))
    await two.ask('env')
    expect(said).toEqual(['two waits'])
    one.detach()
    await waiting
    await two.drive(() => said.push('two waits again'))
    expect(said).toEqual(['two waits', 'two drives'])
  })

  describe('as a stage', () => {
    const enter: RemoteInput = { kind: 'key', name: 'enter', ctrl: false, meta: false, shift: false }
    const demoAt = (task: string): Demo => ({
      ...beginDemo({ auto: false, speed: 1, pause: 0, keys: [], limit: 0, grace: 0 }, 0),
      task,
    })
    async function presenter() {
      const lab = await client()
      const told: string[] = []
      lab.stage.present({
        leads: (leads) => told.push(leads ? 'leads' : 'follows'),
        pressed: (input) => told.push(input.kind === 'key' ? input.name : input.text),
      })
      await until(() => told.length > 0)
      return { lab, told }
    }
    async function reader() {
      const lab = await client()
      const told: (string | undefined)[] = []
      await lab.stage.follow((demo) => told.push(demo?.task))
      return { lab, told }
    }

    it('tells keys to the demo that was started last, and the notes where it is', async () => {
      void start()
      const early = await reader()
      expect(early.told).toEqual([undefined])
      expect(await early.lab.stage.press(enter)).toMatchObject({
        ok: false,
        why: expect.stringContaining('no demo is open'),
      })
      const first = await presenter()
      first.lab.stage.show(demoAt('one'))
      await until(() => early.told.includes('one'))
      const second = await presenter()
      second.lab.stage.show(demoAt('two'))
      await until(() => early.told.includes('two'))
      first.lab.stage.show(demoAt('nobody asks'))
      expect(await early.lab.stage.press(enter)).toEqual({ ok: true })
      await until(() => second.told.includes('enter'))
      expect([first.told, second.told]).toEqual([
        ['leads', 'follows'],
        ['leads', 'enter'],
      ])
      const late = await reader()
      expect(late.told).toEqual(['two'])
      second.lab.detach()
      await until(() => first.told.at(-1) === 'leads')
      late.lab.detach()
      first.lab.detach()
      await until(() => early.told.at(-1) === undefined)
      expect(early.told).toEqual([undefined, 'one', 'two', undefined])
    })

    it('does without notes, and with several', async () => {
      void start()
      const { lab, told } = await presenter()
      const [one, two] = [await reader(), await reader()]
      one.lab.detach()
      lab.stage.show(demoAt('here'))
      await until(() => two.told.includes('here'))
      await Promise.all([two.lab.stage.press(enter), two.lab.stage.press({ kind: 'paste', text: 'ls' })])
      expect(told).toEqual(['leads', 'enter', 'ls'])
    })
  })

  it('refuses clients of another version, and lets them end it', async () => {
    void start()
    await client()
    await expect(attach({ socket, clock: systemClock(), version: '2' })).rejects.toThrow(
      /version 2\nfound {5}version 1[\s\S]*gitops-lab down/,
    )
    await (await attachToStop(socket, systemClock()))?.stop()
    expect(await running.pop()).toBe(0)
  })

  it('tells those who wait why it cannot start', async () => {
    let fail: (error: Error) => void = () => {}
    const code = start({
      createEnvironment: ({ progress }) =>
        new Promise((_, reject) => {
          progress('pulling strings')
          fail = reject
        }),
    })
    while (!(await listens(socket))) await new Promise((resolve) => setImmediate(resolve))
    const lines: string[] = []
    const waiting = attach({ socket, clock: systemClock(), version: '1', onProgress: (line) => lines.push(line) })
    waiting.catch(() => {})
    await until(() => lines.length > 0)
    fail(new Error('no port is free'))
    await expect(waiting).rejects.toThrow('no port is free')
    expect(await code).toBe(1)
    expect(lines).toEqual(['pulling strings'])
    expect(existsSync(join(folder, 'state', 'serve.json'))).toBe(false)
  })

  it('refuses a working folder of somebody else', async () => {
    mkdirSync(join(folder, 'work'))
    writeFileSync(join(folder, 'work', 'precious'), '')
    const log: string[] = []
    expect(await start({ log: (line) => log.push(line) })).toBe(1)
    expect(log.join()).toContain("holds files that are not the lab's")
  })

  it('ends by itself after 8 hours without a client, not before', async () => {
    const clock = new ManualClock()
    const code = start({ clock })
    while (!(await listens(socket))) await new Promise((resolve) => setImmediate(resolve))
    const one = await client()
    await clock.advance(IDLE + 1)
    expect(await listens(socket)).toBe(true)
    one.detach()
    let ended = false
    void code.then(() => {
      ended = true
    })
    while (!ended) await Promise.race([clock.advance(IDLE / 100), code])
    expect(await code).toBe(0)
  })

  it('cuts off who does not speak its language', async () => {
    void start()
    await client()
    const socketEnd = connect(socket)
    socketEnd.resume()
    socketEnd.write('GET / HTTP/1.1\r\n\r\n')
    await new Promise((resolve) => socketEnd.once('close', resolve))
    expect(await listens(socket)).toBe(true)
  })

  it('does not wait for ever for one that says nothing', async () => {
    const hung = createServer((end) => end.resume().on('error', () => {}))
    mkdirSync(join(folder, 'state'), { recursive: true })
    await new Promise<void>((resolve) => hung.listen(socket, resolve))
    const clock = new ManualClock()
    const afterSilence = async <T>(attached: Promise<T>): Promise<T> => {
      let settled = false
      const settle = () => {
        settled = true
      }
      attached.then(settle, settle)
      await until(() => {
        void clock.advance(1000)
        return settled
      })
      return attached
    }
    await expect(afterSilence(attach({ socket, clock, version: '1' }))).rejects.toThrow(
      /none for 10 seconds\nnext {6}`gitops-lab down`/,
    )
    expect(await afterSilence(attachToStop(socket, clock))).toBeUndefined()
    hung.close()
  })

  it('reads what arrived while the machine was asleep', async () => {
    const late = createServer((end) => end.on('error', () => {}))
    mkdirSync(join(folder, 'state'), { recursive: true })
    await new Promise<void>((resolve) => late.listen(socket, resolve))
    const due: (() => void)[] = []
    const setTimeout = (callback: () => void) => {
      due.push(callback)
      return { cancel: () => {} }
    }
    const connected = new Promise<Socket>((resolve) => late.once('connection', resolve))
    const attached = attach({ socket, clock: { now: () => 0, setTimeout }, version: '1' })
    const end = await connected
    await until(() => due.length > 0)
    due[0]?.()
    end.end(`${JSON.stringify({ kind: 'hello', version: '2', pid: 1 })}\n`)
    await expect(attached).rejects.toThrow(/version 2/)
    late.close()
  })

  it('is not led elsewhere by a socket that was left behind', async () => {
    mkdirSync(join(folder, 'state'), { recursive: true })
    symlinkSync('/nowhere', socket)
    expect(await attach({ socket, clock: systemClock(), version: '1' })).toBeUndefined()
  })
})
