import { existsSync } from 'node:fs'
import puppeteer from 'puppeteer-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Course } from '../../engine/course.ts'
import { beginDemo, type Demo } from '../../engine/demo-state.ts'
import type { LabClient } from '../../engine/lab-client.ts'
import { outlineOf } from '../../engine/outline.ts'
import type { RemoteInput, Stage } from '../../engine/stage.ts'
import { initialState, type State } from '../../engine/state.ts'
import { ManualClock } from '../../sandbox/core/clock.ts'
import { fixtureCourse } from '../../testing/fixture.ts'
import { Display } from '../../testing/screen.ts'
import { KeyReader } from '../tui/terminal/keys.ts'
import { Painter } from '../tui/terminal/painter.ts'
import type { Screen, ScreenOptions } from '../tui/terminal/screen.ts'
import { notesOf } from './content.ts'
import { showNotes } from './notes.ts'
import { type NotesServer, serveNotes } from './web.ts'

const OPTIONS = { auto: false, speed: 1, pause: 0, keys: ['files/tools', 'files/greet'], limit: 0, grace: 0 }
const demoAt = (task: string, phase: Demo['phase'], more: Partial<Demo> = {}): Demo => ({
  ...beginDemo(OPTIONS, 0),
  task,
  phase,
  shown: { [task]: { from: 0 } },
  ...more,
})

const chrome = process.env['CHROME'] ?? '/usr/bin/chromium'
const PATIENT = { timeout: 50_000 }

let course: Course
let state: State
beforeEach(async () => {
  const plain = await fixtureCourse()
  const note = { kind: 'notes', markdown: 'Ask who has **greeted** before.' } as const
  const steps = plain.steps.map((step) => ({
    ...step,
    tasks: step.tasks.map((task) => (task.id === 'greet' ? { ...task, blocks: [...task.blocks, note] } : task)),
  }))
  course = { ...plain, steps }
  state = { ...initialState(outlineOf(course)), current: 'files/tools', startedAt: 0 }
})

describe('the content', () => {
  it('is the task’s notes, the command that comes, times, and what is awaited', () => {
    const demo = demoAt('files/greet', { kind: 'typing', action: 'greet', typed: 3 }, { time: 90_000 })
    expect(notesOf({ course, state, demo, age: 0, now: 0 })).toMatchObject({
      place: 'Step 1 of 2, Files: Greet',
      status: 'types',
      notes: ['Ask who has **greeted** before.'],
      command: 'cd "$LAB_DIR"\necho "$GREETING" >greeting.txt',
      following: 'Look at it',
      late: true,
    })
    expect(notesOf({ course, state, demo, age: 1000, now: 0 }).time).toMatch(/^1:31 of .*behind$/)
  })

  it('says who is waited for, and what is wrong', () => {
    const said = (verdict: object, failed?: string) => {
      const checks = { 'the file greets': { verdict, at: 0, counts: true } as never }
      const tasks = { 'files/greet': { actions: {}, hints: 0, checks } }
      const phase = { kind: 'waiting', failed, watch: { said: '', since: 0, moved: false } } as const
      const demo = demoAt('files/greet', phase, { spent: 10_000 })
      return notesOf({ course, state: { ...state, tasks }, demo, age: 0, now: 0 }).status
    }
    expect(said({ kind: 'pending', expected: 'a', found: 'b', actor: 'Flux', until: 65_000 })).toBe(
      'waits for Flux, in 1:05 at the latest',
    )
    expect(said({ kind: 'blocked', expected: 'a', found: 'no such file', next: 'c' })).toBe('no such file')
  })

  it('is that of the learner’s task while no demo is open', () => {
    const content = notesOf({ course, state, demo: undefined, age: 0, now: 0 })
    expect(content).toMatchObject({ place: 'Step 1 of 2, Files: The tools', steps: [], time: '' })
    expect(content.status).toContain('`gitops-lab demo` starts one')
  })
})

describe('on a terminal', () => {
  it('shows them, sends keys to the demo, says when nobody obeys, and leaves by q', async () => {
    const clock = new ManualClock()
    const display = new Display(80, 24)
    const painter = new Painter(() => display.size)
    const pressed: RemoteInput[] = []
    let tell: (demo: Demo | undefined) => void = () => {}
    const stage: Stage = {
      present: () => {},
      show: () => {},
      follow: async (notify) => {
        tell = notify
        notify(undefined)
      },
      press: async (input) => {
        pressed.push(input)
        return pressed.length > 2 ? { ok: false, why: 'no demo is open' } : { ok: true }
      },
    }
    const lab = {
      state: () => state,
      subscribe: () => () => {},
      ended: new Promise<string>(() => {}),
    } as unknown as LabClient
    let keys: KeyReader | undefined
    const open = (options: ScreenOptions): Screen => {
      keys = new KeyReader(clock, options.onInput)
      const write = (rows: string) => display.write(painter.paint(rows))
      return {
        size: () => ({ columns: 80, rows: 24 }),
        stdout: { write } as unknown as Screen['stdout'],
        suspend: (work) => work(),
        stop: () => {},
        copy: () => {},
        close: () => {},
      }
    }
    const { stdin, stdout } = process as unknown as Pick<ScreenOptions, 'stdin' | 'stdout'>
    const left = showNotes({ lab, stage, course, clock, env: {}, stdin, stdout, open })
    const screen = async () => {
      await clock.advance(100)
      return (await display.rows()).join('\n')
    }
    expect(await screen()).toContain('no demo is open')
    tell(demoAt('files/greet', { kind: 'typed', action: 'greet' }))
    expect(await screen()).toMatch(/ready to run[\s\S]*Ask who has greeted before\.[\s\S]*echo "\$GREETING"/)
    keys?.feed('\r')
    await screen()
    keys?.feed('p')
    await screen()
    expect(pressed.map((input) => (input.kind === 'key' ? [input.name, input.char] : []))).toEqual([
      ['enter', undefined],
      ['char', 'p'],
    ])
    keys?.feed('b')
    expect(await screen()).toMatch(/ no demo is open\n.*Enter next/)
    tell(demoAt('files/greet', { kind: 'done' }, { own: { text: '', running: false } }))
    await screen()
    keys?.feed('q')
    await screen()
    expect(pressed).toHaveLength(4)
    tell(demoAt('files/greet', { kind: 'done' }))
    await screen()
    keys?.feed('q')
    expect(await left).toBeUndefined()
    expect(await display.isBroken()).toBe(false)
  })
})

describe('as a page', () => {
  const pressed: RemoteInput[] = []
  let server: NotesServer
  beforeEach(async () => {
    pressed.length = 0
    server = await serveNotes(async (input) => {
      pressed.push(input)
      if (pressed.length > 2) throw new Error('no connection')
      return pressed.length > 1 ? { ok: false, why: 'no demo is open' } : { ok: true }
    })
  })
  afterEach(() => server.close())

  const origin = () => new URL(server.url).origin
  const enter = async () => {
    const { status, headers } = await fetch(server.url, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([303, '/'])
    expect(headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
    return headers.get('set-cookie')?.split(';')[0] ?? ''
  }
  const press = (cookie: string, key: string, from = origin()) =>
    fetch(`${origin()}/press`, { method: 'POST', body: key, headers: { cookie, origin: from } })

  it('opens once, and for nobody without its cookie', async () => {
    expect((await fetch(origin())).status).toBe(403)
    expect((await fetch(`${origin()}/?token=guessed`)).status).toBe(403)
    const cookie = await enter()
    expect((await fetch(server.url)).status).toBe(403)
    const page = await fetch(origin(), { headers: { cookie } })
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'nonce-[\w-]+'/)
    expect(await page.text()).toContain('data-key="next"')
    expect((await fetch(`${origin()}/events`)).status).toBe(403)
  })

  it('tells what the notes show, and presses keys', async () => {
    const cookie = await enter()
    const content = notesOf({ course, state, demo: undefined, age: 0, now: 0 })
    server.tell(content)
    const events = await fetch(`${origin()}/events`, { headers: { cookie } })
    const { value } = (await events.body?.getReader().read()) ?? {}
    expect(JSON.parse(new TextDecoder().decode(value).slice('data: '.length))).toEqual(
      JSON.parse(JSON.stringify(content)),
    )
    expect((await press(cookie, 'next')).status).toBe(204)
    expect(pressed).toMatchObject([{ kind: 'key', name: 'enter' }])
    const refused = await press(cookie, 'blank')
    expect([refused.status, await refused.text()]).toEqual([409, 'no demo is open'])
    expect((await press(cookie, 'next')).status).toBe(503)
    expect((await press(cookie, 'rm -rf')).status).toBe(400)
    expect((await press(cookie, 'x'.repeat(1000))).status).toBe(400)
  })

  it.skipIf(!existsSync(chrome))(`shows them and presses keys in a browser (needs ${chrome})`, async () => {
    const browser = await puppeteer.launch({ executablePath: chrome, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => complaints.push(message.text()))
      await page.goto(server.url)
      const says = (id: string) =>
        expect.poll(() => page.$eval(id, (element) => (element as unknown as { innerHTML: string }).innerHTML), PATIENT)
      const content = notesOf({ course, state, demo: undefined, age: 0, now: 0 })
      server.tell({ ...content, notes: ['Type `a <b>`.', 'Wait.'], command: 'echo `date`' })
      await says('#status').toContain('<code>gitops-lab demo</code><span> starts one')
      await says('#notes').toBe('<span>Type </span><code>a &lt;b&gt;</code><span>.\n\nWait.</span>')
      await says('#command').toBe('echo `date`')
      await page.keyboard.press('PageDown')
      await expect.poll(() => pressed, PATIENT).toMatchObject([{ kind: 'key', name: 'enter' }])
      await page.click('[data-key=blank]')
      await says('#notice').toContain('no demo is open')
      expect(complaints.filter((text) => !text.includes('409'))).toEqual([])
    } finally {
      await browser.close()
    }
  })

  it('refuses other origins and other host names', async () => {
    const cookie = await enter()
    expect((await press(cookie, 'next', 'http://evil.test')).status).toBe(403)
    expect(pressed).toEqual([])
    const { request } = await import('node:http')
    const status = await new Promise((resolve) =>
      request(origin(), { headers: { host: 'evil.test', cookie } }, (answer) =>
        resolve(answer.resume().statusCode),
      ).end(),
    )
    expect(status).toBe(403)
  })
})
