import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listens } from '../serve/client.ts'
import { readRecord } from '../serve/record.ts'
import type { Connection, Host } from '../views/tui/host.ts'
import { LEAST } from '../views/tui/layout.ts'
import { attachOrStart, type Context, labDirOf } from './context.ts'

/** `gitops-lab` alone: the terminal UI, or in plain lines what there is where no terminal UI can be. */
export async function home(context: Context): Promise<number> {
  if (!canShow(context, process.stdout)) return (await import('./status.ts')).plainHome(context)
  const host = hostOf(context)
  const { runTui } = await import('../views/tui/tui.ts')
  const { code, lines } = await runTui({ host, stdin: process.stdin, stdout: process.stdout })
  context.out(`${lines.join('\n')}\n`)
  return code
}

/** Whether the terminal can show a screen: not for a screen reader, for CI, for a pipe, or where there is no room. */
export function canShow(
  { terminal, env }: Pick<Context, 'terminal' | 'env'>,
  { columns = 0, rows = 0 }: { readonly columns?: number; readonly rows?: number },
): boolean {
  const talks = env['INK_SCREEN_READER'] === 'true' || env['ACCESSIBLE'] !== undefined
  const terminals = terminal.stdin && terminal.stdout && env['TERM'] !== 'dumb'
  return terminals && !talks && !env['CI'] && columns >= LEAST.columns && rows >= LEAST.rows
}

/** When the last visit ended, and the last event that it saw. */
type Visit = { readonly at: number; readonly seq: number }

/** The world around the UI. */
export function hostOf(context: Context): Host {
  const { clock, env, dir, options } = context
  const path = join(dir.path, 'visit.json')
  let seq: number | undefined
  const note = () => {
    if (seq === undefined) return
    try {
      writeFileSync(path, JSON.stringify({ at: clock.now(), seq } satisfies Visit), { mode: 0o600 })
    } catch {
      // Then the next visit begins as a first one.
    }
  }
  return {
    clock,
    env,
    place: {
      labDir: labDirOf(context),
      stateDir: dir.path,
      fetch: options.download
        ? "It is Kubernetes' own release, about 60 MB, and goes into ~/.cache/gitops-lab and nowhere else."
        : undefined,
    },
    readCourse: async () => (await import('../course/load.ts')).readCourse(context.course),
    async tools() {
      const [{ readCourse }, { examineTools }] = await Promise.all([import('../course/load.ts'), import('./doctor.ts')])
      const found = await examineTools(context, readCourse(context.course).requirements)
      return found.map(({ what, state, found: version, next }) => ({
        name: what,
        state: state === 'unusable' ? ('missing' as const) : state,
        found: version,
        next,
      }))
    },
    isUp: () => listens(readRecord(dir.record)?.socket ?? dir.socket),
    async connect(onProgress): Promise<Connection> {
      const visit = readVisit(path)
      const started = !(await listens(readRecord(dir.record)?.socket ?? dir.socket))
      const lab = await attachOrStart({ ...context, err: (text) => onProgress(text.trimEnd()) })
      const events = await lab.events(visit?.seq ?? 0)
      seq = events.at(-1)?.seq ?? visit?.seq ?? 0
      lab.subscribe((recorded) => {
        seq = recorded.seq
        if (recorded.event.kind === 'task-passed' || recorded.event.kind === 'task-entered') note()
      })
      note()
      return { lab, started, since: visit && { at: visit.at, events }, detach: () => lab.detach() }
    },
    async shell(variables) {
      const { openShell } = await import('./shell.ts')
      await openShell(context, variables)
    },
    remember: note,
  }
}

function readVisit(path: string): Visit | undefined {
  try {
    const visit = JSON.parse(readFileSync(path, 'utf8')) as Visit
    return Number.isFinite(visit.at) && Number.isFinite(visit.seq) ? visit : undefined
  } catch {
    return undefined
  }
}
