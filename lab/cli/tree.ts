import type { Command } from 'commander'
import { defineCommands, nameOf } from './define.ts'
import { EXAMPLES } from './examples.ts'

export type Flag = {
  readonly long: string
  /** Absent for a flag without a value. */
  readonly value?: string
  readonly description: string
}

/** A command as completions and the manual tell of it. */
export type CommandNode = {
  /** As one types it after the program's name: `sandbox up`; '' for the program itself. */
  readonly name: string
  readonly description: string
  readonly usage: string
  readonly flags: readonly Flag[]
  /** The words that may be its first argument, where they are known beforehand. */
  readonly choices: readonly string[]
  readonly examples: readonly (readonly [line: string, does: string])[]
  readonly children: readonly CommandNode[]
}

/** The program's commands as plain data; those that only the program itself calls are left out. */
export const commandTree = (version: string): CommandNode => nodeOf(defineCommands(version, () => {}))

function nodeOf(command: Command): CommandNode {
  const name = command.parent ? nameOf(command) : ''
  const help = command.createHelp()
  return {
    name,
    description: command.description(),
    usage: help.commandUsage(command),
    flags: help.visibleOptions(command).map((option) => ({
      long: option.long ?? option.flags,
      value: /[<[](.+)[>\]]/.exec(option.flags)?.[1],
      description: option.description,
    })),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    examples: EXAMPLES[name || 'gitops-lab'] ?? [],
    children: help
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .map(nodeOf),
  }
}

/** A node and all below it. */
export const withDescendants = (node: CommandNode): readonly CommandNode[] => [
  node,
  ...node.children.flatMap(withDescendants),
]
