import type { CommandLine } from '../cli/command-line.ts'
import type { Context } from './context.ts'

/** Runs a command and returns the program's exit code. Each command is loaded when it is called. */
export async function runCommand(context: Context, line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'home':
      return (await import('./home.ts')).home(context)
    case 'status':
      return (await import('./status.ts')).status(context, line)
    case 'nudge':
      return (await import('./status.ts')).nudge(context)
    case 'timers':
      return (await import('./status.ts')).timers(context, line)
    case 'run':
      return (await import('./run.ts')).run(context, line)
    case 'check':
      return (await import('./check.ts')).check(context, line)
    case 'why':
      return (await import('./check.ts')).why(context, line)
    case 'snapshot':
    case 'restore':
      return (await import('./snapshots.ts')).snapshotOrRestore(context, { kind: line.command, name: line.name })
    case 'snapshots':
      return (await import('./snapshots.ts')).snapshots(context, line)
    case 'drill':
      return (await import('./drill.ts')).drill(context, line)
    case 'demo':
      return (await import('./demo.ts')).demo(context, line)
    case 'notes':
      return (await import('./notes.ts')).notes(context, line)
    case 'sandbox-up':
      return (await import('./sandbox.ts')).sandboxUp(context, line.simulateImages)
    case 'sandbox-status':
      return (await import('./sandbox.ts')).sandboxStatus(context, line)
    case 'sandbox-logs':
      return (await import('./sandbox.ts')).sandboxLogs(context, line.lines)
    case 'down':
    case 'sandbox-down':
      return (await import('./sandbox.ts')).down(context)
    case 'reset':
      return (await import('./reset.ts')).reset(context)
    case 'env':
      return (await import('./shell.ts')).env(context)
    case 'shell':
      return (await import('./shell.ts')).shell(context)
    case 'doctor':
      return (await import('./doctor.ts')).doctor(context, line)
    case 'lint':
      return (await import('./lint.ts')).lint(context, line)
    case 'new':
      return (await import('./new.ts')).createLab(context, line.directory)
    case 'export-killercoda':
      return (await import('./export.ts')).exportKillercoda(context, line)
    case 'completion':
      return (await import('./completion.ts')).completion(context, line.shell)
    case 'serve':
      return (await import('./serve.ts')).serveCommand(context, line.simulateImages)
  }
}
