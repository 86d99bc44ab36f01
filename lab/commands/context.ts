import { join, resolve } from 'node:path'
import type { GlobalOptions } from '../cli/command-line.ts'
import { LabError, noWorld } from '../engine/lab-error.ts'
import type { Clock } from '../engine/ports.ts'
import { type Attached, listens } from '../serve/client.ts'
import { attachIfUp, attachOrLaunch } from '../serve/launch.ts'
import type { CreateEnvironment } from '../serve/serve.ts'
import { readSettings, type StateDir } from '../serve/state-dir.ts'
import { wantsColours } from '../views/palette.ts'

/** What a command gets from the outside world. */
export type Context = {
  readonly options: GlobalOptions
  readonly version: string
  readonly clock: Clock
  readonly dir: StateDir
  /** The folder of the course. */
  readonly course: string
  /** The folder of this program's package: `assets/` is in it. */
  readonly packageDir: string
  /** The folder that `new` copies. */
  readonly template: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  /** Which of its streams are a terminal. */
  readonly terminal: { readonly stdin: boolean; readonly stdout: boolean }
  /** The command line of this program, without arguments. */
  readonly program: readonly string[]
  readonly createEnvironment: CreateEnvironment
  /** From the first call on, being told to end (SIGTERM, SIGINT) aborts this instead of ending the process at once. */
  ending(): AbortSignal
  out(text: string): void
  err(text: string): void
}

export const coloursOf = ({ terminal, env }: Context): boolean => wantsColours(terminal.stdout, env)

export const printJson = (context: Context, value: unknown): void => context.out(`${JSON.stringify(value, null, 2)}\n`)

/** LAB_DIR: what was said, else what it was before, else a folder that people see. @throws LabError */
export function labDirOf({ options, dir, home, cwd }: Context): string {
  const before = readSettings(dir)?.labDir
  const said = options.dir === undefined ? undefined : resolve(cwd, options.dir)
  if (said !== undefined && before !== undefined && said !== before) {
    throw new LabError({
      expected: `the folder that this lab was begun with, ${before}`,
      found: `--dir ${said}`,
      next: 'Leave --dir away, or begin anew with `gitops-lab reset`',
      code: 64,
    })
  }
  return (
    said ?? before ?? join(home, options.lab === undefined ? 'gitops-lab-work' : `gitops-lab-work-${slug(options.lab)}`)
  )
}

/** Attaches to the background process. @throws LabError with code 69 when there is none */
export async function attach(context: Context): Promise<Attached> {
  labDirOf(context)
  const lab = await attachIfUp({ ...context, onProgress: progressOf(context) })
  if (!lab) throw noWorld()
  return lab
}

/** Attaches to the background process, starting it first if there is none. @throws LabError */
export async function attachOrStart(context: Context, simulateImages: readonly string[] = []): Promise<Attached> {
  const command = serveCommand(context, simulateImages)
  if (simulateImages.length > 0 && (await listens(context.dir.socket))) {
    throw new LabError({
      expected: '--simulate-images when the sandbox starts',
      found: 'a sandbox that is up',
      next: '`gitops-lab sandbox down`, then again',
      code: 64,
    })
  }
  return attachOrLaunch({ ...context, command, onProgress: progressOf(context) })
}

/** The arguments that lead another process of this program to the same lab. */
export const sameLab = ({ program, dir, options, cwd }: Context): readonly string[] => [
  ...program,
  '--state-dir',
  dir.path,
  ...(options.lab === undefined ? [] : ['--lab', resolve(cwd, options.lab)]),
]

const serveCommand = (context: Context, simulateImages: readonly string[]): readonly string[] => [
  ...sameLab(context),
  '--dir',
  labDirOf(context),
  ...(context.options.download ? [] : ['--no-download']),
  'serve',
  ...simulateImages.flatMap((glob) => ['--simulate-images', glob]),
]

const progressOf = (context: Context) => (line: string) => context.err(`${line}\n`)

const slug = (path: string): string => resolve(path).split('/').at(-1) ?? ''
