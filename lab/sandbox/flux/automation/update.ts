import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import type { Log } from '../runtime/log.ts'
import { Changes } from './changes.ts'
import { applySetters, MARKER, type Setters } from './setters.ts'

/** Files that may hold markers: YAML, and kustomize's `Kustomization`. Links are not followed. */
function candidates(path: string): string[] {
  if (statSync(path).isFile()) return /\.ya?ml$|^Kustomization$/.test(basename(path)) ? [path] : []
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isSymbolicLink() || entry.name === '.git') return []
      return candidates(join(path, entry.name))
    })
}

/** Sets the marked fields of all files below a path. Files that cannot be parsed are left alone. */
export function updateFiles(path: string, setters: Setters, log: Log): Changes {
  const result = new Changes()
  if (!existsSync(path)) throw new Error(`walking path for files: lstat ${path}: no such file or directory`)
  const root = statSync(path).isDirectory() ? path : join(path, '..')
  for (const file of candidates(path)) {
    const text = readFileSync(file, 'utf8')
    if (!text.includes(MARKER)) continue
    const updated = applySetters(text, setters)
    const name = relative(root, file)
    if (!updated) {
      log.info('problem file', { path: name })
      continue
    }
    if (updated.changes.length === 0) continue
    writeFileSync(file, updated.text)
    for (const { object, changes } of updated.changes) result.add(name, object, changes)
  }
  return result
}
