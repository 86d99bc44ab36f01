import { posix } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { extract, type Header, pack } from 'tar-stream'
import { type Descriptor, DOCKER_LAYER, digestOf, entryName } from '../../registry/index.ts'

/** A file, folder or link of an image. Owners are numbers, as in a tar. */
export type Node = {
  readonly mode: number
  readonly uid: number
  readonly gid: number
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: Buffer }
  | { readonly type: 'symlink'; readonly target: string }
)

/** The files of an image by their path without a leading slash. */
export type Tree = Map<string, Node>

/** What one instruction did to a tree: what it wrote, in order, and the paths that it removed. */
export type Changes = { readonly written: ReadonlyMap<string, Node>; readonly removed: ReadonlySet<string> }

export type Layer = {
  readonly descriptor: Descriptor
  /** Digest of the tar itself. */
  readonly diffId: string
  readonly bytes: Buffer
}

export const folder = (mode = 0o755): Node => ({ type: 'directory', mode, uid: 0, gid: 0 })

/** Adds a node and the folders above it that are not there yet, to the tree and to what was written. */
export function write(tree: Tree, written: Map<string, Node>, path: string, node: Node): void {
  const parts = path.split('/')
  for (let at = 1; at < parts.length; at++) {
    const parent = parts.slice(0, at).join('/')
    if (tree.get(parent)?.type === 'directory') continue
    tree.set(parent, folder())
    written.set(parent, folder())
  }
  if (node.type !== 'directory') removeBelow(tree, path)
  tree.set(path, node)
  written.set(path, node)
}

/** Removes a path and all below it; false if there was nothing. */
export function remove(tree: Tree, path: string): boolean {
  removeBelow(tree, path)
  return tree.delete(path)
}

function removeBelow(tree: Tree, path: string): void {
  for (const key of [...tree.keys()]) if (key.startsWith(`${path}/`)) tree.delete(key)
}

/** What is at a path or below it, with paths relative to it ('' for itself). */
export const below = (tree: Tree, path: string): [string, Node][] =>
  [...tree].flatMap(([key, node]) => {
    if (path === '') return [[key, node]]
    if (key === path) return [['', node]]
    return key.startsWith(`${path}/`) ? [[key.slice(path.length + 1), node]] : []
  })

/** The layer of some changes: the same changes always give the same bytes (no times, sorted by path). */
export async function layerOf({ written, removed }: Changes): Promise<Layer> {
  const tar = pack()
  const add = (header: Partial<Header> & { name: string }, content: Buffer = Buffer.alloc(0)) =>
    tar.entry({ ...header, mtime: new Date(0) }, content)
  const entries: [string, Node | undefined][] = [...written]
  for (const path of removed) entries.push([posix.join(posix.dirname(path), `.wh.${posix.basename(path)}`), undefined])
  for (const [path, node] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!node) {
      add({ name: path, mode: 0 })
      continue
    }
    const { mode, uid, gid } = node
    if (node.type === 'directory') add({ name: `${path}/`, type: 'directory', mode, uid, gid })
    else if (node.type === 'file') add({ name: path, size: node.content.length, mode, uid, gid }, node.content)
    else add({ name: path, type: 'symlink', linkname: node.target, mode: 0o777, uid, gid })
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const zipped = gzipSync(bytes)
  return {
    descriptor: { mediaType: DOCKER_LAYER, digest: digestOf(zipped), size: zipped.length },
    diffId: digestOf(bytes),
    bytes: zipped,
  }
}

/** Adds a pulled layer to a tree. @throws BadLayer */
export async function applyLayer(tree: Tree, { bytes, descriptor }: Layer): Promise<void> {
  const tar = extract()
  tar.end(descriptor.mediaType.endsWith('gzip') ? gunzipSync(bytes) : bytes)
  for await (const entry of tar) {
    const { header } = entry
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const path = entryName(header.name)
    if (path === '') continue
    const { mode = 0o644, uid = 0, gid = 0 } = header
    const owner = { mode: mode & 0o7777, uid, gid }
    const base = posix.basename(path)
    const parent = posix.dirname(path)
    if (base === '.wh..wh..opq') removeBelow(tree, parent)
    else if (base.startsWith('.wh.')) remove(tree, posix.join(parent, base.slice('.wh.'.length)))
    else if (header.type === 'directory') write(tree, new Map(), path, { type: 'directory', ...owner })
    else if (header.type === 'symlink')
      write(tree, new Map(), path, { type: 'symlink', target: header.linkname ?? '', ...owner })
    else if (header.type === 'link') {
      const target = tree.get(entryName(header.linkname ?? ''))
      if (target) write(tree, new Map(), path, target)
    } else write(tree, new Map(), path, { type: 'file', content: Buffer.concat(chunks), ...owner })
  }
}
