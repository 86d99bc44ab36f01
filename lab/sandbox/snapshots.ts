import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store, StoreSnapshot } from './core/store.ts'

/** A snapshot's name is the name of a folder. */
export class BadSnapshotName extends Error {
  override readonly name = 'BadSnapshotName'

  constructor(name: string) {
    super(`"${name}" is no name for a snapshot: use letters, digits, dots and dashes`)
  }
}

// A git that serves a client who left may still write.
const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })

/** Links stay as they are: they would lead back into the folder that they were copied from. */
const copy = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })

/** Makes a folder what the saved one is. Folders that both have stay the same ones: somebody's shell may be in them. */
function putBack(saved: string, path: string): void {
  const wanted = readdirSync(saved, { withFileTypes: true })
  const folders = new Set(wanted.filter((entry) => entry.isDirectory()).map(({ name }) => name))
  mkdirSync(path, { recursive: true })
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!entry.isDirectory() || !folders.has(entry.name)) remove(join(path, entry.name))
  }
  for (const { name } of wanted) {
    const [from, to] = [join(saved, name), join(path, name)]
    if (folders.has(name) && existsSync(to)) putBack(from, to)
    else copy(from, to)
  }
}

type Options = {
  /** Where snapshots are kept, a folder each. */
  readonly directory: string
  readonly stores: Readonly<Record<string, Store>>
  /** Folders that are saved as they are, by name. */
  readonly folders: Readonly<Record<string, string>>
  readonly now: () => number
}

/**
 * Snapshots of stores and folders together. Whoever calls sees to it that nobody writes meanwhile.
 */
export class Snapshots {
  constructor(private readonly options: Options) {}

  list(): { name: string; takenAt: number }[] {
    const { directory } = this.options
    if (!existsSync(directory)) return []
    return readdirSync(directory)
      .filter((name) => existsSync(join(directory, name, 'taken')))
      .map((name) => ({ name, takenAt: Number(readFileSync(join(directory, name, 'taken'), 'utf8')) }))
      .sort((a, b) => a.takenAt - b.takenAt)
  }

  /** Replaces an older snapshot of that name only when the new one is whole. @throws BadSnapshotName */
  take(name: string): void {
    const target = this.folderOf(name)
    const next = `${target}.next`
    rmSync(next, { recursive: true, force: true })
    mkdirSync(next, { recursive: true, mode: 0o700 })
    for (const [store, { snapshot }] of this.stores()) {
      writeFileSync(join(next, `${store}.json`), JSON.stringify(snapshot()), { mode: 0o600 })
    }
    for (const [folder, path] of Object.entries(this.options.folders)) {
      if (existsSync(path)) copy(path, join(next, folder))
    }
    writeFileSync(join(next, 'taken'), String(this.options.now()))
    rmSync(target, { recursive: true, force: true })
    renameSync(next, target)
  }

  /** False if there is no such snapshot. @throws BadSnapshotName */
  restore(name: string): boolean {
    const source = this.folderOf(name)
    if (!existsSync(join(source, 'taken'))) return false
    for (const [store, { restore }] of this.stores()) {
      restore(JSON.parse(readFileSync(join(source, `${store}.json`), 'utf8')) as StoreSnapshot)
    }
    for (const [folder, path] of Object.entries(this.options.folders)) {
      const saved = join(source, folder)
      if (existsSync(saved)) putBack(saved, path)
      else remove(path)
    }
    return true
  }

  has(name: string): boolean {
    return existsSync(join(this.folderOf(name), 'taken'))
  }

  private stores() {
    return Object.entries(this.options.stores).map(
      ([name, store]) =>
        [name, { snapshot: () => store.snapshot(), restore: (from: StoreSnapshot) => store.restore(from) }] as const,
    )
  }

  private folderOf(name: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(name) || name.endsWith('.next')) throw new BadSnapshotName(name)
    return join(this.options.directory, name)
  }
}
