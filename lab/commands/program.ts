import { homedir, tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { USAGE } from '../cli/exit-codes.ts'
import { parseCommandLine } from '../cli/parse.ts'
import type { Clock } from '../engine/ports.ts'
import type { CreateEnvironment } from '../serve/serve.ts'
import type { Context } from './context.ts'

export type ProgramOptions = {
  readonly version: string
  /** The folder of the built-in course. */
  readonly course: string
  /** The folder of this program's package. */
  readonly packageDir: string
  /** The folder that `new` copies. */
  readonly template: string
  /** The command line that starts this program, without arguments. */
  readonly program: readonly string[]
  readonly clock: Clock
  readonly createEnvironment: CreateEnvironment
  ending(): AbortSignal
}

/** An error of the program itself (EX_SOFTWARE of sysexits.h). */
const SOFTWARE = 70

/** Runs the program with these arguments and resolves with its exit code. Loads only what the command needs. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  const out = (text: string) => void process.stdout.write(text)
  const err = (text: string) => void process.stderr.write(text)
  const parsed = parseCommandLine(args, options.version)
  if (parsed.kind === 'text') {
    out(parsed.text)
    return 0
  }
  if (parsed.kind === 'usage') {
    err(`${parsed.text}\n`)
    return USAGE
  }
  const { line } = parsed
  const { verbose } = line.options
  try {
    const [{ runCommand }, { defaultStateDir, stateDir }] = await Promise.all([
      import('./index.ts'),
      import('../serve/state-dir.ts'),
    ])
    const cwd = process.cwd()
    const lab = line.options.lab === undefined ? undefined : resolve(cwd, line.options.lab)
    const home = homedir()
    const path = resolve(cwd, line.options.stateDir ?? defaultStateDir(process.env, home, lab))
    const context: Context = {
      ...options,
      options: line.options,
      course: lab ?? options.course,
      dir: stateDir(path, tmpdir()),
      env: process.env,
      home,
      cwd,
      terminal: { stdin: process.stdin.isTTY === true, stdout: process.stdout.isTTY === true },
      out,
      err,
    }
    return await runCommand(context, line)
  } catch (error) {
    return explain(error, verbose, err)
  }
}

/** Says what went wrong, and returns the exit code. An error that was not foreseen comes with its place. */
function explain(error: unknown, verbose: boolean, err: (text: string) => void): number {
  const { name, message, stack, code } = error as Error & { code?: unknown }
  const foreseen = name === 'LabError' || name === 'CourseError'
  err(foreseen ? `${message}\n` : `gitops-lab failed: ${message ?? String(error)}\n`)
  if (verbose) err(`${stack}\n`)
  else if (!foreseen) err('`--verbose` tells more\n')
  if (!foreseen) return SOFTWARE
  return typeof code === 'number' ? code : 1
}
