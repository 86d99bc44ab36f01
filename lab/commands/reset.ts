import { createInterface } from 'node:readline/promises'
import { LabError, messageOf } from '../engine/lab-error.ts'
import { isOurs, removeFolder } from '../serve/folder.ts'
import { type Context, labDirOf } from './context.ts'
import { stopBackground } from './sandbox.ts'

/** `reset`: ends the background process and removes the state and LAB_DIR, if they are the lab's. Asks first. */
export async function reset(context: Context): Promise<number> {
  const labDir = workFolder(context)
  const folders = [
    ...(labDir !== undefined && isOurs(labDir, 'work') ? [labDir] : []),
    ...(isOurs(context.dir.path, 'state') ? [context.dir.path] : []),
  ]
  if (folders.length === 0) {
    context.out('There is nothing to remove.\n')
    return 0
  }
  if (!context.options.yes && !(await confirmed(context, folders))) {
    context.out('Nothing was removed.\n')
    return 1
  }
  await stopBackground(context)
  if (labDir !== undefined && removeFolder(labDir, 'work')) context.out(`removed ${labDir}\n`)
  if (removeFolder(context.dir.path, 'state')) context.out(`removed ${context.dir.path}\n`)
  return 0
}

/** Damaged settings are no reason not to begin anew, but then nobody knows where the learner worked. */
function workFolder(context: Context): string | undefined {
  try {
    return labDirOf(context)
  } catch (error) {
    if (context.options.dir !== undefined) throw error
    context.err(`${messageOf(error)}\n`)
    return undefined
  }
}

async function confirmed(context: Context, folders: readonly string[]): Promise<boolean> {
  if (!context.terminal.stdin || !context.terminal.stdout) {
    throw new LabError({
      expected: '--yes, or a terminal to ask on',
      found: 'neither',
      next: '`gitops-lab reset --yes` removes the state and your folder without asking',
      code: 64,
    })
  }
  context.out(`This removes, with all that is in them:\n${folders.map((folder) => `  ${folder}\n`).join('')}`)
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await lines.question('Go on? [y/N] ')).trim())
  } finally {
    lines.close()
  }
}
