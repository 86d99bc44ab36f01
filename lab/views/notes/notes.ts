import type { Course } from '../../engine/course.ts'
import type { Demo } from '../../engine/demo-state.ts'
import type { LabClient } from '../../engine/lab-client.ts'
import type { Clock } from '../../engine/ports.ts'
import type { RemoteInput, Stage } from '../../engine/stage.ts'
import { Store } from '../tui/store.ts'
import type { Input } from '../tui/terminal/decode.ts'
import { openScreen, type Screen, type ScreenOptions } from '../tui/terminal/screen.ts'
import { detectTheme } from '../tui/theme.ts'
import { type NotesContent, notesOf } from './content.ts'
import { notesFrame } from './frame.ts'

export type NotesOptions = {
  readonly lab: LabClient
  readonly stage: Stage
  readonly course: Course
  readonly clock: Clock
}

/** Follows the demo and tells what the notes show, whenever that may be something else. */
export function followNotes({ lab, stage, course, clock }: NotesOptions, changed: () => void) {
  let demo: Demo | undefined
  let at = clock.now()
  let timer: { cancel(): void } | undefined
  const ready = stage.follow((now) => {
    demo = now
    at = clock.now()
    changed()
  })
  const unsubscribe = lab.subscribe(({ event }) => {
    if (event.kind !== 'output') changed()
  })
  const tick = () => {
    timer = clock.setTimeout(() => {
      tick()
      changed()
    }, 1000)
  }
  tick()
  return {
    /** Resolves when it is known whether there is a demo. */
    ready,
    demo: () => demo,
    content: (): NotesContent => {
      const now = clock.now()
      // A demo tells of itself each second; one that does not is stopped, and so is its time.
      const age = Math.min(now - at, 2000)
      return notesOf({ course, state: lab.state(), demo, age, now })
    },
    close: () => {
      unsubscribe()
      timer?.cancel()
    },
  }
}

export type NotesScreenOptions = NotesOptions & {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: ScreenOptions['stdin']
  readonly stdout: ScreenOptions['stdout']
  readonly open?: (options: ScreenOptions) => Screen
}

/** The notes on a terminal, whose keys are those of the demo. Resolves with why they ended: the lab is gone, or nothing. */
export async function showNotes(options: NotesScreenOptions): Promise<string | undefined> {
  const { lab, stage, clock, env, stdin, stdout, open = openScreen } = options
  const theme = detectTheme(env)
  let notice: string | undefined
  let leave: (reason: string | undefined) => void = () => {}
  const left = new Promise<string | undefined>((resolve) => {
    leave = resolve
  })
  const frames = new Store<number>(0, clock)
  const changed = () => frames.set(frames.value + 1)
  const onInput = (input: Input) => {
    if (input.kind !== 'key' && input.kind !== 'paste') return
    const pressed = input.kind === 'key' && input.ctrl && input.name === 'char' ? `ctrl+${input.char}` : ''
    if (pressed === 'ctrl+z') return screen.stop()
    const leaves = pressed === 'ctrl+c' || (input.kind === 'key' && input.name === 'char' && input.char === 'q')
    if (leaves && !notes.demo()?.own) return leave(undefined)
    stage.press(input as RemoteInput).then(
      (outcome) => {
        notice = outcome.ok ? undefined : outcome.why
        changed()
      },
      // The lab is gone, which `ended` tells.
      () => {},
    )
  }
  const screen = open({ stdin, stdout, clock, env, onInput, onResize: () => changed() })
  const notes = followNotes(options, changed)
  frames.subscribe(() => {
    const rows = notesFrame({ content: notes.content(), theme, notice, ...screen.size() })
    screen.stdout.write(rows.join('\n'))
  })
  changed()
  void lab.ended.then((reason) => leave(reason))
  try {
    return await left
  } finally {
    notes.close()
    frames.close()
    screen.close()
  }
}
