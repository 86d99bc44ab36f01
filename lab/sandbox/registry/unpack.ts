import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, link, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { extract, type Header } from 'tar-stream'

/** A layer that would write outside the image, or holds what a sandbox without root cannot make. */
export class BadLayer extends Error {
  override readonly name = 'BadLayer'
}

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'

/** The decompressor that a layer's media type asks for; undefined for a plain tar. @throws BadLayer */
export function decompressorFor(mediaType: string): Transform | undefined {
  if (mediaType.endsWith('.tar')) return undefined
  if (/[.+]gzip$/.test(mediaType)) return zlib.createGunzip()
  if (/[.+]zstd$/.test(mediaType)) {
    // Node has zstd from 22.15 and 23.8 on.
    const create = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress
    if (create) return create()
    throw new BadLayer(`layer of type ${mediaType}: Node ${process.versions.node} cannot decompress zstd`)
  }
  throw new BadLayer(`unsupported layer type ${mediaType}`)
}

/**
 * Unpacks one layer file over `root` and returns the digest of its tar (the `diff_id`). Owners are not kept, for lack
 * of root. Absolute links are made relative to the image's own root. @throws BadLayer
 */
export async function unpackLayer(
  file: string,
  mediaType: string,
  root: string,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
  const meter = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const unpacked = new Set<string>()
  const tar = extract()
  const decompressor = decompressorFor(mediaType)
  const source = createReadStream(file)
  const feeding = decompressor
    ? pipeline(source, decompressor, meter, tar, { signal })
    : pipeline(source, meter, tar, { signal })
  feeding.catch(() => {})
  for await (const entry of tar) {
    await unpackEntry(entry.header, entry as unknown as Readable, root, unpacked)
    entry.resume()
  }
  await feeding
  return `sha256:${hash.digest('hex')}`
}

async function unpackEntry(header: Header, content: Readable, root: string, unpacked: Set<string>): Promise<void> {
  const name = entryName(header.name)
  if (name === '') return
  const parent = await insideDirectory(root, posix.dirname(name))
  const base = posix.basename(name)
  const path = join(parent, base)
  if (base === OPAQUE) {
    return removeOlder(parent, unpacked)
  }
  if (base.startsWith(WHITEOUT)) return rm(join(parent, base.slice(WHITEOUT.length)), { recursive: true, force: true })
  for (let at = path; at !== root; at = dirname(at)) unpacked.add(at)
  const present = await lstat(path).catch(() => undefined)
  if (present && !(present.isDirectory() && header.type === 'directory')) {
    await rm(path, { recursive: true, force: true })
  }
  const mode = (header.mode ?? 0o644) & 0o777
  switch (header.type) {
    case 'directory':
      await mkdir(path, { recursive: true })
      return chmod(path, mode | 0o700)
    case 'file':
    case 'contiguous-file':
      await pipeline(content, createWriteStream(path, { flags: 'wx' }))
      return chmod(path, mode | 0o600)
    case 'symlink':
      return symlink(linkTarget(name, header.linkname ?? ''), path)
    case 'link': {
      const target = entryName(header.linkname ?? '')
      const source = join(await insideDirectory(root, posix.dirname(target)), posix.basename(target))
      const found = await lstat(source).catch(() => undefined)
      if (!found?.isFile()) throw new BadLayer(`hard link ${name} to ${target}, which is no file of the image`)
      return link(source, path)
    }
    default:
      throw new BadLayer(`${name} is a ${header.type}, which cannot be made without root`)
  }
}

/** Empties a folder of all that this layer did not bring. */
async function removeOlder(folder: string, unpacked: ReadonlySet<string>): Promise<void> {
  for (const child of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, child.name)
    if (!unpacked.has(path)) await rm(path, { recursive: true, force: true })
    else if (child.isDirectory()) await removeOlder(path, unpacked)
  }
}

/** A tar entry's name without `./` and slashes at its ends; '' for the root itself. @throws BadLayer */
export function entryName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new BadLayer(`path ${name} leads out of the image`)
  return parts.join('/')
}

/** What a symbolic link at `name` is made to say: an absolute target starts at the image's root. @throws BadLayer */
export function linkTarget(name: string, target: string): string {
  const folder = posix.dirname(`/${name}`)
  if (target.startsWith('/')) return posix.relative(folder, posix.normalize(target)) || '.'
  const depth = folder.split('/').filter(Boolean).length
  let level = depth
  for (const part of target.split('/')) {
    if (part === '..') level -= 1
    else if (part !== '' && part !== '.') level += 1
    if (level < 0) throw new BadLayer(`link ${name} to ${target} leads out of the image`)
  }
  return target
}

/** The real folder `name` below `root`, made if absent; links on the way are followed. @throws BadLayer */
async function insideDirectory(root: string, name: string): Promise<string> {
  const path = await resolveInside(root, name)
  await mkdir(path, { recursive: true })
  return path
}

/** Where `name` below `root` really is, all links followed; parts that do not exist are taken as they are. @throws BadLayer */
export async function resolveInside(root: string, name: string): Promise<string> {
  let at = root
  let links = 0
  const pending = name.split('/').filter((part) => part !== '' && part !== '.')
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '..') at = dirname(at)
    else {
      const next = join(at, part)
      const target = await readlink(next).catch(() => undefined)
      if (target === undefined) at = next
      else {
        if (++links > 40) throw new BadLayer(`too many levels of symbolic links at ${name}`)
        pending.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'))
      }
    }
    if (at !== root && !at.startsWith(root + sep)) throw new BadLayer(`link ${name} leads out of the image`)
  }
  return at
}

/** Checks that each symbolic link of an unpacked tree ends inside it, however it gets there. @throws BadLayer */
export async function checkLinks(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) {
      await resolveInside(root, relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    }
  }
}
