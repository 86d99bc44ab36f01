import { type Command, CommanderError } from 'commander'
import type { CommandLine, Draft, GlobalOptions } from './command-line.ts'
import { defineCommands, descendants } from './define.ts'

export type Parsed =
  | { readonly kind: 'run'; readonly line: CommandLine }
  /** Asked for: the help, the version. */
  | { readonly kind: 'text'; readonly text: string }
  /** Not understood. */
  | { readonly kind: 'usage'; readonly text: string }

/** Reads the arguments after the program's name. Pure. */
export function parseCommandLine(args: readonly string[], version: string): Parsed {
  let draft: Draft | undefined
  let out = ''
  let complaint = ''
  const program = defineCommands(version, (line) => {
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
