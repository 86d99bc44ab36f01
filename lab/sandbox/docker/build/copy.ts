import { posix } from 'node:path'
import { hasWildcard, patternToRegExp } from '../dockerfile/patterns.ts'
import { below, folder, type Node, type Tree, write } from './tree.ts'

export type CopyOptions = {
  readonly sources: readonly string[]
  /** As written, variables replaced. */
  readonly destination: string
  readonly workdir: string
  /** undefined keeps theirs. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** Of files and folders; undefined keeps theirs. */
  readonly mode: number | undefined
}

/** A source that is in no context; the message is BuildKit's. */
export class NotInContext extends Error {
  override readonly name = 'NotInContext'

  constructor(readonly path: string) {
    super(`"${path}": not found`)
  }
}

/**
 * Copies from one tree into another as COPY does and returns what was written: a folder's content goes into the
 * destination, a file becomes it, or goes into it when it ends with a slash or is a folder. @throws NotInContext
 */
export function copy(from: Tree, to: Tree, options: CopyOptions): Map<string, Node> {
  const written = new Map<string, Node>()
  const { destination, owner, mode } = options
  const target = absolute(options.workdir, destination)
  const sources = options.sources.flatMap((source) => matches(from, source))
  const isFolder = /(^|\/)\.{0,2}$/.test(destination) || sources.length > 1 || to.get(target)?.type === 'directory'
  const put = (path: string, node: Node) => {
    const own = { ...node, ...owner, mode: mode ?? node.mode }
    if (path === '') return
    if (node.type === 'directory' && to.get(path)?.type === 'directory') return
    write(to, written, path, own)
  }
  for (const source of sources) {
    const node = source === '' ? folder() : (from.get(source) as Node)
    if (node.type === 'directory') {
      put(target, folder())
      for (const [path, child] of below(from, source)) if (path !== '') put(posix.join(target, path), child)
    } else put(isFolder ? posix.join(target, posix.basename(source)) : target, node)
  }
  return written
}

/** Paths of a tree that a source means. */
function matches(tree: Tree, source: string): readonly string[] {
  const path = posix.normalize(`/${source}`).replace(/^\/|\/$/g, '')
  if (path === '' || tree.has(path)) return [path]
  if (hasWildcard(path)) {
    const expression = patternToRegExp(path)
    const found = [...tree.keys()].filter((key) => expression.test(key)).sort()
    if (found.length > 0) return found
  }
  throw new NotInContext(`/${path}`)
}

/** A path of an image without its leading slash; relative ones start at the working directory. */
export const absolute = (workdir: string, path: string): string => posix.resolve('/', workdir, path).replace(/^\//, '')
