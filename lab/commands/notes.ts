import { readCourse } from '../course/load.ts'
import { labGone } from '../engine/lab-error.ts'
import { notesFrame } from '../views/notes/frame.ts'
import { followNotes, showNotes } from '../views/notes/notes.ts'
import { serveNotes } from '../views/notes/web.ts'
import { themeOf } from '../views/tui/theme.ts'
import { attach, type Context } from './context.ts'
import { canShow } from './home.ts'

/** `notes`: what a presenter reads, and a remote control; as a page, or once as text where there is no terminal. */
export async function notes(context: Context, { browser }: { readonly browser: boolean }): Promise<number> {
  const course = readCourse(context.course)
  const lab = await attach(context)
  const options = { lab, stage: lab.stage, course, clock: context.clock }
  try {
    if (browser) return await serve(context, options)
    if (!canShow(context, process.stdout)) {
      const theme = themeOf({ background: 'dark', colours: 'none', ascii: false })
      const { content, close, ready } = followNotes(options, () => {})
      await ready
      context.out(
        `${notesFrame({ content: content(), theme, columns: 100, rows: 1000, keys: false }).join('\n').trimEnd()}\n`,
      )
      close()
      return 0
    }
    const gone = await showNotes({ ...options, env: context.env, stdin: process.stdin, stdout: process.stdout })
    if (gone !== undefined) throw labGone(gone)
    return 0
  } finally {
    lab.detach()
  }
}

async function serve(context: Context, options: Parameters<typeof followNotes>[0]): Promise<number> {
  const server = await serveNotes((input) => options.stage.press(input))
  const notes = followNotes(options, () => server.tell(notes.content()))
  const signal = context.ending()
  context.out(`${server.url}\nOpen it in a browser of this machine; it is valid once. Ctrl-C ends the notes.\n`)
  const ended = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
  const gone = await Promise.race([options.lab.ended, ended])
  notes.close()
  server.close()
  if (gone !== undefined) throw labGone(gone)
  return 0
}
