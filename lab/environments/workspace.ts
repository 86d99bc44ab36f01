import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { FilesReader } from '../engine/ports.ts'

const MARKER = '.gitops-lab'

/** The learner's folder is there and is not ours: it has no marker. */
export class ForeignFolder extends Error {
  override readonly name = 'ForeignFolder'

  constructor(readonly folder: string) {
    super(`${folder} exists and was not made by gitops-lab (it has no ${MARKER}): choose another one with --dir`)
  }
}

const isOurs = (folder: string): boolean => existsSync(join(folder, MARKER))

/**
 * Makes the learner's folder and puts into it what the lab hands out: `manifests/` and `templates/`. In the templates
 * `${NAME}` becomes the variable. Files that are there already stay as they are. @throws ForeignFolder
 */
export function prepareWorkspace(folder: string, assets: string, variables: Readonly<Record<string, string>>): void {
  if (existsSync(folder) && !isOurs(folder) && readdirSync(folder).length > 0) throw new ForeignFolder(folder)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, MARKER), 'Made by gitops-lab. `gitops-lab reset` removes this folder.\n')
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole)
  for (const name of readdirSync(assets)) {
    const isTemplate = name === 'app' || name === 'config'
    const target = join(folder, isTemplate ? 'templates' : 'manifests', name)
    // The app's own code has ${…} of its own.
    copy(join(assets, name), target, name === 'config' ? fill : (text) => text)
  }
}

/** Removes the learner's folder; false if there is none. @throws ForeignFolder */
export function removeWorkspace(folder: string): boolean {
  if (!existsSync(folder)) return false
  if (!isOurs(folder)) throw new ForeignFolder(folder)
  rmSync(folder, { recursive: true, force: true })
  return true
}

function copy(from: string, to: string, change: (text: string) => string): void {
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(from)) copy(join(from, name), join(to, name), change)
  } else {
    mkdirSync(dirname(to), { recursive: true })
    if (!existsSync(to)) writeFileSync(to, change(readFileSync(from, 'utf8')))
  }
}

/** A path below the folder. Refuses what leads out of it. */
export function inside(folder: string, path: string): string {
  const whole = resolve(folder, path)
  if (whole !== resolve(folder) && !whole.startsWith(resolve(folder) + sep)) {
    throw new Error(`${path} leads out of ${folder}`)
  }
  return whole
}

export const createFilesReader = (folder: string): FilesReader => ({
  read: (path) => readFile(inside(folder, path), 'utf8').catch(() => undefined),
  exists: async (path) => existsSync(inside(folder, path)),
})
