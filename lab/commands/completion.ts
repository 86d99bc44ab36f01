import type { Shell } from '../cli/command-line.ts'
import { completionScript } from '../cli/completion.ts'
import { commandTree } from '../cli/tree.ts'
import type { Context } from './context.ts'

/** `completion`: prints the script that completes commands and flags in this shell. */
export async function completion(context: Context, shell: Shell): Promise<number> {
  context.out(completionScript(shell, commandTree(context.version)))
  return 0
}
