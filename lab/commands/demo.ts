import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { CommandLine } from '../cli/command-line.ts'
import { readCourse } from '../course/load.ts'
import { DEFAULT_GRACE, DEFAULT_LIMIT } from '../drivers/autopilot.ts'
import { DemoDriver } from '../drivers/demo.ts'
import { refuseDuringDrill } from '../engine/drill.ts'
import { LabError } from '../engine/lab-error.ts'
import { type Outline, outlineOf, tasksOf } from '../engine/outline.ts'
import { isPassed, type State } from '../engine/state.ts'
import { resolveTarget } from '../engine/targets.ts'
import type { Attached } from '../serve/client.ts'
import type { Host } from '../views/tui/host.ts'
import { openScreen } from '../views/tui/terminal/screen.ts'
import { detectTheme, themeOf } from '../views/tui/theme.ts'
import { runTui } from '../views/tui/tui.ts'
import { attachOrStart, type Context, labDirOf } from './context.ts'
import { canShow, hostOf } from './home.ts'
import { runOwn } from './own-command.ts'
import { fixedSize, headless, openRecording, type Recording } from './record-demo.ts'

type DemoCommand = Extract<CommandLine, { command: 'demo' }>

const LEAST_STILL = 500

/** `demo`: the lab on a stage. Everything that could be asked or go wrong beforehand does so before the screen opens. */
export async function demo(context: Context, options: DemoCommand): Promise<number> {
  const { clock, env } = context
  const course = readCourse(context.course)
  const keys = keysFrom(outlineOf(course), options.step)
  const shows = canShow(context, process.stdout)
  const records = options.record !== undefined || options.stills !== undefined
  refuseBlind(options, { shows, records })
  const paths = { record: inCwd(context, options.record), stills: inCwd(context, options.stills), size: options.size }
  const opened = records ? openRecording(paths, course.title, clock) : undefined
  const host = hostOf(context)
  await askForKubectl(context, host)
  const lab = await attachOrStart(context)
  let recording: Recording | undefined
  try {
    refuseToBegin(lab.state(), keys)
    recording = opened?.begin()
  } catch (error) {
    lab.detach()
    throw error
  }
  let variables: Readonly<Record<string, string>> = {}
  const driver = new DemoDriver(
    {
      keys,
      auto: options.auto,
      speed: options.speed,
      // Each main screen has to come on the screen to be drawn.
      pause: Math.max(options.pause * 1000, options.stills === undefined ? 0 : LEAST_STILL),
      limit: DEFAULT_LIMIT,
      grace: DEFAULT_GRACE,
    },
    {
      clock,
      runOwn: (script, tell) => {
        const PATH = [context.dir.bin, env['PATH']].filter(Boolean).join(delimiter)
        const cwd = existsSync(labDirOf(context)) ? labDirOf(context) : context.cwd
        return runOwn(script, tell, { cwd, env: { ...env, ...variables, PATH }, clock })
      },
    },
  )
  const take = async (attached: Attached) => {
    variables = await attached.ask('env')
    driver.attach(attached, attached.stage)
  }
  const { code, lines } = await runTui({
    host: await presenting(host, lab, take),
    stdin: process.stdin,
    stdout: process.stdout,
    theme: shows ? detectTheme(env) : themeOf({ background: 'dark', colours: 'ansi256', ascii: false }),
    demo: driver,
    open: shows ? (records ? fixedSize(options.size, openScreen) : openScreen) : headless(options.size),
    onFrame: recording?.frame,
  })
  await driver.close()
  context.out(`${lines.join('\n')}\n`)
  recording?.close()
  return code
}

/** The host of a screen whose lab is there already; after that was lost, the driver goes on with the next one. */
async function presenting(host: Host, lab: Attached, take: (lab: Attached) => Promise<void>): Promise<Host> {
  let first: Attached | undefined = lab
  return {
    ...host,
    place: { ...host.place, fetch: undefined },
    isUp: async () => true,
    async connect(onProgress) {
      const connection = first
        ? { lab: first, started: false, detach: () => lab.detach() }
        : await host.connect(onProgress)
      first = undefined
      await take(connection.lab as Attached)
      return connection
    },
  }
}

/** The tasks from a step on. @throws LabError with code 64 */
function keysFrom(outline: Outline, step: string | undefined): readonly string[] {
  const keys = tasksOf(outline).map(({ key }) => key)
  if (step === undefined) return keys
  const target = resolveTarget(outline, step)
  if (!target.ok) throw new LabError({ found: target.why, code: 64 })
  return keys.slice(keys.indexOf(target.tasks[0]?.key ?? ''))
}

function refuseBlind(
  { auto, size }: DemoCommand,
  { shows, records }: { readonly shows: boolean; readonly records: boolean },
): void {
  if (!shows && !(auto && records)) {
    throw new LabError({
      expected: 'a terminal of at least 60×15, without CI or a screen reader',
      found: 'none that a demo could be shown on',
      next: '`gitops-lab run` does the course in plain lines; `gitops-lab demo --auto --record FILE` needs no terminal',
      code: 64,
    })
  }
  const { columns = 0, rows = 0 } = process.stdout
  if (shows && records && (columns < size.columns || rows < size.rows)) {
    throw new LabError({
      expected: `a terminal as large as the recording, ${size.columns}×${size.rows}`,
      found: `${columns}×${rows}`,
      next: `Make it larger, or name a size: --size ${columns}x${rows}`,
      code: 64,
    })
  }
}

/** A demo begins where the lab is. @throws LabError */
function refuseToBegin(state: State, keys: readonly string[]): void {
  refuseDuringDrill(state)
  const before = state.outline.steps.filter(({ tasks }) => tasks.every(({ key }) => !keys.includes(key)))
  const open = before.find(({ tasks }) => tasks.some(({ key, kind }) => kind === 'act' && !isPassed(state, key)))
  if (open) {
    throw new LabError({
      expected: `everything before ${keys[0]} done`,
      found: `step ${open.number}, ${open.title}, is not`,
      next: `\`gitops-lab run --until ${before.at(-1)?.number}\` does it, without a demo`,
    })
  }
}

/** A kubectl that has to be fetched is asked for now, not in front of people. @throws LabError */
async function askForKubectl(context: Context, host: Host): Promise<void> {
  if (await host.isUp()) return
  const missing = (await host.tools()).find(({ name, state }) => name === 'kubectl' && state !== 'ok')
  if (!missing || host.place.fetch === undefined || context.options.yes) return
  const where = `kubectl is ${missing.found}. ${host.place.fetch}`
  if (!context.terminal.stdin || !context.terminal.stdout) {
    throw new LabError({ expected: 'kubectl, or leave to fetch it', found: where, next: 'Add --yes to fetch it' })
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await lines.question(`${where}\nFetch it? [y/N] `).finally(() => lines.close())
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new LabError({ expected: 'kubectl', found: missing.found, next: missing.next ?? 'Install it' })
  }
}

const inCwd = ({ cwd }: Context, path: string | undefined): string | undefined =>
  path === undefined ? undefined : resolve(cwd, path)
