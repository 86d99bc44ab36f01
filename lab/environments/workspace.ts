import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { FilesReader } from '../engine/ports.ts'

/**
 * Puts into the learner's folder what the lab hands out: `manifests/` and `templates/`. In the templates of the
 * configuration `${NAME}` becomes the variable. Files that are there already stay as they are.
 */
export function fillWorkspace(folder: string, assets: string, variables: Readonly<Record<string, string>>): void {
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole)
  for (const name of readdirSync(assets)) {
    const isTemplate = name === 'app' || name === 'config'
    const target = join(folder, isTemplate ? 'templates' : 'manifests', name)
    // The app's own code has ${…} of its own.
    copy(join(assets, name), target, name === 'config' ? fill : (text) => text)
  }
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
