import { Command, CommanderError, InvalidArgumentError } from 'commander'

/** Options that every command takes. */
export type GlobalOptions = {
  /** The folder of a lab of one's own. */
  readonly lab?: string
  readonly stateDir?: string
  /** LAB_DIR: where the learner works. */
  readonly dir?: string
  readonly verbose: boolean
  readonly yes: boolean
  readonly download: boolean
}

export type CommandLine = { readonly options: GlobalOptions } & (
  | { readonly command: 'home' }
  | {
      readonly command: 'run'
      readonly steps: readonly string[]
      readonly until?: string
      readonly json: boolean
      readonly simulateImages: readonly string[]
    }
  | { readonly command: 'check'; readonly target?: string; readonly now: boolean; readonly json: boolean }
  | {
      readonly command: 'why' | 'status' | 'timers' | 'snapshots' | 'sandbox-status' | 'doctor'
      readonly json: boolean
    }
  | { readonly command: 'reset' | 'down' | 'env' | 'shell' | 'sandbox-down' }
  | { readonly command: 'sandbox-logs'; readonly lines: number }
  | { readonly command: 'sandbox-up' | 'serve'; readonly simulateImages: readonly string[] }
  | { readonly command: 'snapshot' | 'restore'; readonly name: string }
  | {
      readonly command: 'drill'
      readonly name?: string
      readonly hint: boolean
      readonly undo: boolean
      readonly json: boolean
    }
  | { readonly command: 'lint'; readonly directory?: string; readonly prove: boolean; readonly json: boolean }
)

export type Parsed =
  | { readonly kind: 'run'; readonly line: CommandLine }
  /** Asked for: the help, the version. */
  | { readonly kind: 'text'; readonly text: string }
  /** Not understood. */
  | { readonly kind: 'usage'; readonly text: string }

/** The exit code of wrong usage (EX_USAGE of sysexits.h). */
export const USAGE = 64

type Draft = CommandLine extends infer L ? (L extends CommandLine ? Omit<L, 'options'> : never) : never

/** Reads the arguments after the program's name. Pure. */
export function parseCommandLine(args: readonly string[], version: string): Parsed {
  let draft: Draft | undefined
  let out = ''
  let complaint = ''
  const program = build(version, (line) => {
    draft = line
  })
  const capture = {
    writeOut: (text: string) => {
      out += text
    },
    writeErr: (text: string) => {
      complaint += text
    },
  }
  for (const command of [program, ...descendants(program)]) command.exitOverride().configureOutput(capture)
  try {
    program.parse([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'text', text: out }
    // Commander's answer to no command at all.
    if (error.code === 'commander.help' && program.args.length === 0) {
      return { kind: 'run', line: { command: 'home', options: globalsOf(program) } }
    }
    return { kind: 'usage', text: complaint.trim() || error.message }
  }
  if (!draft) return { kind: 'usage', text: complaint.trim() }
  return { kind: 'run', line: { ...draft, options: globalsOf(program) } }
}

function globalsOf(program: Command): GlobalOptions {
  const { lab, stateDir, dir, verbose = false, yes = false, download } = program.opts<Partial<GlobalOptions>>()
  return { lab, stateDir, dir, verbose, yes, download: download ?? true }
}

function build(version: string, chosen: (line: Draft) => void): Command {
  const program = new Command('gitops-lab')
    .description('A hands-on GitOps lab in your terminal')
    .version(version)
    .option('--lab <dir>', 'a lab of your own, instead of the one that is built in')
    .option('--state-dir <dir>', 'where the lab keeps its state (default: $XDG_STATE_HOME/gitops-lab)')
    .option('--dir <dir>', 'the folder you work in, LAB_DIR (default: ~/gitops-lab-work)')
    .option('--verbose', 'tell more, stack traces included')
    .option('--yes', 'answer yes to what is asked')
    .option('--no-download', 'fetch no missing tool')
    .showHelpAfterError('`gitops-lab --help` lists what there is')
    .addHelpText(
      'after',
      '\nExit codes: check and why 0 passed, 1 blocked, 2 pending, 3 the lab itself is broken;\n' +
        'run 0 only when every check passed; 64 wrong usage; 69 no world is up.',
    )
    .allowExcessArguments(false)
  const globs = (glob: string, before: readonly string[] = []) => [...before, glob]
  const simulating = (command: Command) =>
    command.option('--simulate-images <glob>', 'treat these images as pause when no registry has them', globs, [])

  simulating(program.command('run'))
    .description('do the course, or some steps, unattended')
    .argument('[step...]', 'a number, a folder’s name or its slug')
    .option('--until <step>', 'up to this step')
    .option('--json', 'events as JSON lines')
    .action((steps, { until, json = false, simulateImages }) => {
      if (until !== undefined && steps.length > 0) program.error('error: either name steps, or use --until')
      chosen({ command: 'run', steps, until, json, simulateImages })
    })
  program
    .command('check')
    .description('verdicts of the current task, or of what is named')
    .argument('[step[/task]]', 'or drill/NAME')
    .option('--now', 'ask afresh what passed already')
    .option('--json')
    .action((target, { now = false, json = false }) => chosen({ command: 'check', target, now, json }))
  const reports = {
    why: 'what holds it up: expected, found, cause, next move',
    status: 'what runs, how far you are',
    timers: 'who acts next, on what, and when',
    snapshots: 'the snapshots there are',
    doctor: 'tools, versions, ports, folders, and what to do about each',
  }
  for (const [command, description] of Object.entries(reports)) {
    program
      .command(command)
      .description(description)
      .option('--json')
      .action(({ json = false }) => chosen({ command: command as keyof typeof reports, json }))
  }
  const plain = {
    reset: 'begin anew: remove the state and LAB_DIR',
    down: 'end the background process; the state stays',
    env: 'export lines for your shell: eval "$(gitops-lab env)"',
    shell: 'your shell with the lab’s variables',
  }
  for (const [command, description] of Object.entries(plain)) {
    program
      .command(command)
      .description(description)
      .action(() => chosen({ command: command as keyof typeof plain }))
  }
  for (const [command, description] of [
    ['snapshot', 'save the world and your progress'],
    ['restore', 'put a snapshot back'],
  ] as const) {
    program
      .command(command)
      .description(description)
      .argument('<name>')
      .action((name) => chosen({ command, name }))
  }
  program
    .command('drill')
    .description('faults to find and repair: list them, or begin one')
    .argument('[name]')
    .option('--hint', 'reveal the next hint')
    .option('--undo', 'put the world back to what it was before the drill')
    .option('--json', 'the list as JSON')
    .action((name, { hint = false, undo = false, json = false }) => {
      if (undo && (name !== undefined || hint || json)) program.error('error: --undo stands alone')
      if (hint && name === undefined) program.error('error: --hint needs the name of the drill')
      if (json && name !== undefined) program.error('error: --json is for the list')
      chosen({ command: 'drill', name, hint, undo, json })
    })
  const sandbox = program.command('sandbox').description('the world in the background process')
  simulating(sandbox.command('up').description('start it')).action(({ simulateImages }) =>
    chosen({ command: 'sandbox-up', simulateImages }),
  )
  sandbox
    .command('down')
    .description('end it; its state stays')
    .action(() => chosen({ command: 'sandbox-down' }))
  sandbox
    .command('status')
    .description('its parts and where they answer')
    .option('--json')
    .action(({ json = false }) => chosen({ command: 'sandbox-status', json }))
  sandbox
    .command('logs')
    .description('what it has to say')
    .option('--lines <n>', 'the last lines', wholeNumber, 100)
    .action(({ lines }) => chosen({ command: 'sandbox-logs', lines }))
  program
    .command('lint')
    .description('examine a lab')
    .argument('[dir]')
    .option('--prove', 'play it in a world of its own: each check fails before its task and passes after it')
    .option('--json')
    .action((directory, { prove = false, json = false }) => chosen({ command: 'lint', directory, prove, json }))
  simulating(program.command('serve'))
    .description('be the background process (started on demand)')
    .action(({ simulateImages }) => chosen({ command: 'serve', simulateImages }))
  return program
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number above 0 is needed')
  return Number(text)
}

const descendants = (command: Command): readonly Command[] =>
  command.commands.flatMap((child) => [child, ...descendants(child)])
