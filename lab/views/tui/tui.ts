import { stepOf } from '../../engine/outline.ts'
import { openTasks, rowsOf, summaryOf } from '../../engine/report.ts'
import { currentTask } from '../../engine/select.ts'
import type { DemoControl } from '../../engine/stage.ts'
import { palette } from '../palette.ts'
import { rowLines, summaryLines } from '../rows.ts'
import { Line } from './connection.ts'
import { perform } from './effects.ts'
import { frame } from './frame.ts'
import type { Host } from './host.ts'
import type { Message } from './messages.ts'
import { initialModel, type Model } from './model.ts'
import { Store } from './store.ts'
import type { Input } from './terminal/decode.ts'
import { openScreen, type Screen, type ScreenOptions } from './terminal/screen.ts'
import { detectTheme, type Theme } from './theme.ts'
import { nextTick } from './ticks.ts'
import { update } from './update.ts'

export type TuiOptions = {
  readonly host: Host
  readonly stdin: ScreenOptions['stdin']
  readonly stdout: ScreenOptions['stdout']
  readonly theme?: Theme
  /** Takes the terminal; tests hand in one that is none. */
  readonly open?: (options: ScreenOptions) => Screen
  /** Types, runs and waits on the presenter's behalf. */
  readonly demo?: DemoControl
  /** Told of each frame. */
  readonly onFrame?: (rows: readonly string[], model: Model) => void
}

/** How a visit ended: the program's exit code, and what stays in the terminal's scrollback. */
export type Left = { readonly code: number; readonly lines: readonly string[] }

/**
 * The terminal UI, until the learner leaves. The first frames are on the screen, and keys are heard, before
 * Ink, the course and the background process are looked at.
 */
export async function runTui({
  host,
  stdin,
  stdout,
  theme = detectTheme(host.env),
  open = openScreen,
  demo,
  onFrame,
}: TuiOptions): Promise<Left> {
  const { clock } = host
  let leave: () => void = () => {}
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const screen = open({
    stdin,
    stdout,
    clock,
    env: host.env,
    onInput: (input) => send({ kind: 'input', input }),
    onResize: (size) => send({ kind: 'resized', size }),
  })
  const store = new Store<Model>(
    initialModel({ now: clock.now(), size: screen.size(), theme, place: host.place }),
    clock,
  )
  const line = new Line(
    host,
    () => store.value,
    (message) => send(message),
  )
  let tick: { readonly due: number; readonly timer: { cancel(): void } } | undefined
  let over = false
  const send = (message: Message): void => {
    if (over) return
    const { model, commands } = update(store.value, message, clock.now())
    store.set(model)
    for (const command of commands) {
      if (command.kind === 'leave') leave()
      else void perform(command, { host, screen, line, demo, model: () => store.value, send })
    }
    if (!(message.kind === 'event' && message.recorded.event.kind === 'output')) line.ask()
    arm(nextTick(model))
  }
  const arm = (ms: number): void => {
    if (tick && tick.due <= clock.now() + ms) return
    tick?.timer.cancel()
    const timer = clock.setTimeout(() => {
      tick = undefined
      send({ kind: 'tick' })
    }, ms)
    tick = { due: clock.now() + ms, timer }
  }
  let drawing: { unmount(): void } | undefined
  try {
    const paint = () => void screen.stdout.write(frame(store.snapshot()).join('\n'))
    const unsubscribe = store.subscribe(paint)
    if (onFrame) store.subscribe(() => onFrame(frame(store.snapshot()), store.snapshot()))
    paint()
    await new Promise((resolve) => setImmediate(resolve))
    demo?.start({
      changed: (now) => send({ kind: 'demo', demo: now }),
      own: (run, event) => send({ kind: 'own', run, event }),
      pressed: (input) => send({ kind: 'input', input: input as Input }),
    })
    void line.begin()
    void host.readCourse().then((course) => send({ kind: 'course', course }), failed(send))
    const { draw } = await import('./app.tsx')
    unsubscribe()
    drawing = draw(store, { stdin, stdout: screen.stdout })
    void import('./renderer.ts').then(({ createRenderer }) => send({ kind: 'renderer', render: createRenderer(theme) }))
    await left
  } finally {
    over = true
    tick?.timer.cancel()
    store.close()
    screen.close()
    drawing?.unmount()
    host.remember()
    line.close()
  }
  return { code: codeOf(store.value), lines: farewell(store.value) }
}

const failed = (send: (message: Message) => void) => (error: Error) =>
  send({ kind: 'link', link: { kind: 'failed', message: error.message } })

/** A demo that goes by itself has done its work when it is over; whoever only shows may leave at any time. */
function codeOf({ demo }: Model): number {
  if (demo?.phase.kind === 'left') return demo.phase.code
  return demo?.options.auto ? 1 : 0
}

/** What stays on the terminal: how far the learner is, and how to come back. */
function farewell({ state, link, theme, place, demo, now }: Model): readonly string[] {
  if (!state) return link.kind === 'failed' ? link.message.split('\n') : ['`gitops-lab` comes back to this.']
  const task = currentTask(state)
  const step = task && stepOf(state.outline, task.key)
  const plain = palette(theme.paint('strong', 'x') !== 'x')
  return [
    plain.strong(state.outline.title),
    ...summaryLines(summaryOf(state), plain),
    ...(demo?.stopped === undefined
      ? []
      : [
          '',
          plain.bad(demo.stopped),
          ...rowsOf(state, openTasks(state))
            .filter(({ verdict }) => verdict !== 'passed')
            .flatMap((row) => rowLines(row, plain, now, true)),
        ]),
    '',
    ...(state.finishedAt === undefined
      ? [`\`gitops-lab\` comes back to ${step && task ? `${step.title}: ${task.title}` : 'where you were'}.`]
      : []),
    `The lab goes on in the background for up to 8 hours; your work is in ${place.labDir}.`,
    '`gitops-lab down` ends it and keeps everything; `gitops-lab reset` removes what the lab made.',
  ]
}
