import { cpSync, existsSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { LabError } from '../engine/lab-error.ts'
import type { Context } from './context.ts'

/** `new DIR`: writes a small lab that already runs, to be changed into one's own. @throws LabError */
export async function createLab(context: Context, directory: string): Promise<number> {
  const path = resolve(context.cwd, directory)
  if (existsSync(path) && !(statSync(path).isDirectory() && readdirSync(path).length === 0)) {
    throw new LabError({
      expected: 'a folder that is empty or not there yet',
      found: statSync(path).isDirectory() ? `${path} with something in it` : `${path}, which is a file`,
      next: 'Name another folder',
      code: 64,
    })
  }
  cpSync(context.template, path, { recursive: true })
  context.out(
    `${path} holds a lab of two steps.\n\n` +
      `  gitops-lab lint ${directory} --prove    examine it, and play it in a world of its own\n` +
      `  gitops-lab --lab ${directory}           do it\n`,
  )
  return 0
}
