import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { StartError } from './command.ts'

const isInside = (root: string, path: string): boolean => path === root || path.startsWith(root + sep)

/** Where a path of the container is on this machine; `cwd` is the container's. Never outside the root. */
export function realPath(root: string, path: string, cwd = '/'): string {
  return join(root, resolve('/', cwd, path))
}

/** An argument of the container's program: an absolute path that exists in the container becomes the real one. */
export async function mapArgument(root: string, argument: string): Promise<string> {
  if (!isAbsolute(argument) || isInside(root, argument)) return argument
  const real = realPath(root, argument)
  const exists = await lstat(real).then(
    () => true,
    () => false,
  )
  return exists ? real : argument
}

/**
 * Copies an image's tree for one container to write to; where the file system can share blocks, it does. A link that
 * leads out of the tree would lead out of the container. @throws StartError for such a link
 */
export async function copyTree(source: string, target: string, root = source): Promise<void> {
  await mkdir(target, { recursive: true })
  const entries = await readdir(source, { withFileTypes: true })
  for (const entry of entries) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) await copyTree(from, to, root)
    else if (entry.isSymbolicLink()) await symlink(await checkedLink(from, root), to)
    else if (entry.isFile()) {
      await copyFile(from, to, constants.COPYFILE_FICLONE)
      await chmod(to, (await lstat(from)).mode | 0o600)
    }
  }
}

/** A link's target as a relative one; an absolute target starts at the image's root. */
async function checkedLink(link: string, root: string): Promise<string> {
  const target = await readlink(link)
  const end = isAbsolute(target) ? join(root, target) : resolve(dirname(link), target)
  if (!isInside(root, end)) throw new StartError(`link ${link.slice(root.length)} to ${target} leads out of the image`)
  return relative(dirname(link), end) || '.'
}
