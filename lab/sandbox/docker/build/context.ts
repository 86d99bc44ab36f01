import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ignoredBy } from '../dockerfile/patterns.ts'
import type { Tree } from './tree.ts'

export type Context = { readonly tree: Tree; readonly bytes: number }

/**
 * The files of a build context that its `.dockerignore` lets through; `<dockerfile>.dockerignore` goes before it, as
 * with BuildKit. Sockets and devices cannot be sent and are left out.
 */
export async function readContext(directory: string, dockerfile: string, signal: AbortSignal): Promise<Context> {
  const text = await readFile(join(directory, `${dockerfile}.dockerignore`), 'utf8')
    .catch(() => readFile(join(directory, '.dockerignore'), 'utf8'))
    .catch(() => '')
  const ignored = ignoredBy(text)
  const tree: Tree = new Map()
  let bytes = 0
  const negates = /^\s*!/m.test(text)
  const visit = async (folder: string): Promise<void> => {
    signal.throwIfAborted()
    for (const name of (await readdir(join(directory, folder))).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`
      const full = join(directory, path)
      const skip = ignored(path)
      const found = await lstat(full)
      const owner = { mode: found.mode & 0o7777, uid: 0, gid: 0 }
      if (found.isDirectory()) {
        if (!skip) tree.set(path, { type: 'directory', ...owner })
        // A later `!` line may bring files below an ignored folder back.
        if (!skip || negates) await visit(path)
      } else if (skip) continue
      else if (found.isSymbolicLink()) tree.set(path, { type: 'symlink', target: await readlink(full), ...owner })
      else if (found.isFile()) {
        const content = await readFile(full)
        bytes += content.length
        tree.set(path, { type: 'file', content, ...owner })
      }
    }
  }
  await visit('')
  return { tree, bytes }
}
