import { Argument, Command, InvalidArgumentError } from 'commander'
import { type Draft, SHELLS, type Size } from './command-line.ts'
import { EXAMPLES } from './examples.ts'
import { EXIT_CODES } from './exit-codes.ts'

/** All commands and their options. `chosen` gets the command line when the arguments name one. */
export function defineCommands(version: string, chosen: (line: Draft) => void): Command {
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
    nudge: 'shorten what is waited for, as an operator would: a refresh, a request, a restart',
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
    .option('--hint', 'reveal the next hint of the one that is under way')
    .option('--undo', 'put the world back to what it was before the drill')
    .option('--json', 'the list as JSON')
    .action((name, { hint = false, undo = false, json = false }) => {
      if (undo && (name !== undefined || hint || json)) program.error('error: --undo stands alone')
      if (json && name !== undefined) program.error('error: --json is for the list')
      chosen({ command: 'drill', name, hint, undo, json })
    })
  program
    .command('demo')
    .description('present the lab: it types, you press Enter; or all by itself')
    .argument('[step]', 'where to begin: a number, a folder’s name or its slug')
    .option('--auto', 'go on by itself, to the end')
    .option('--speed <n>', 'type this many times faster than a hand', aboveNothing, 1)
    .option('--pause <seconds>', 'with --auto: how long things stay on the screen', seconds, 2)
    .option('--record <file>', 'write an asciicast (version 2)')
    .option('--stills <dir>', 'write a picture (SVG) of each main screen')
    .option('--size <columns>x<rows>', 'of what is recorded', size, { columns: 120, rows: 30 })
    .action((step, { auto = false, ...options }) => chosen({ command: 'demo', step, auto, ...options }))
  program
    .command('notes')
    .description('speaker notes, times and keys of the demo, in a second terminal')
    .option('--browser', 'as a page, at an address that is valid once')
    .action(({ browser = false }) => chosen({ command: 'notes', browser }))
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
  simulating(program.command('serve', { hidden: true }))
    .description('be the background process (started on demand)')
    .action(({ simulateImages }) => chosen({ command: 'serve', simulateImages }))
  program
    .command('new')
    .description('write a small lab of your own, which already runs')
    .argument('<dir>')
    .action((directory) => chosen({ command: 'new', directory }))
  program
    .command('export')
    .description('the lab in other forms')
    .command('killercoda')
    .description('a repository with the lab as a scenario for Killercoda')
    .requiredOption('--out <dir>', 'a folder that is empty, or holds an earlier export')
    .option('--package <file>', 'the lab’s package, instead of packing this program')
    .action(({ out, package: file }) => chosen({ command: 'export-killercoda', out, package: file }))
  program
    .command('completion')
    .description('completions for your shell, to be sourced')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell) => chosen({ command: 'completion', shell }))
  for (const command of [program, ...descendants(program)]) explain(command)
  return program
}

/** Below each help: examples, and exit codes below that of the program. */
function explain(command: Command): void {
  const examples = EXAMPLES[command.parent ? nameOf(command) : 'gitops-lab'] ?? []
  if (examples.length > 0) command.addHelpText('after', `\nExamples:\n${columns(examples)}`)
  if (!command.parent) command.addHelpText('after', `\nExit codes:\n${columns(EXIT_CODES)}`)
}

function columns(rows: readonly (readonly [string | number, string])[]): string {
  const width = Math.max(...rows.map(([left]) => String(left).length))
  return rows.map(([left, right]) => `  ${String(left).padEnd(width)}  ${right}`).join('\n')
}

/** A command's name as one types it, without the program's: `sandbox up`. */
export const nameOf = (command: Command): string =>
  command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()

export const descendants = (command: Command): readonly Command[] =>
  command.commands.flatMap((child) => [child, ...descendants(child)])

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number above 0 is needed')
  return Number(text)
}

function aboveNothing(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1000)) throw new InvalidArgumentError('a number above 0 is needed, at most 1000')
  return value
}

function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 3600)) {
    throw new InvalidArgumentError('seconds are needed, at most 3600')
  }
  return value
}

function size(text: string): Size {
  const [, columns = 0, rows = 0] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number)
  if (columns < 60 || rows < 15 || columns > 500 || rows > 200) {
    throw new InvalidArgumentError('something like 120x30 is needed, from 60x15 to 500x200')
  }
  return { columns, rows }
}
