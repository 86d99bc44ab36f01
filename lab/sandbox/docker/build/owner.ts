import type { Draft } from './draft.ts'

/** The user and group of the Node base images beside root. */
const BUILT_IN: Readonly<Record<string, number>> = { root: 0, node: 1000 }

/**
 * The numbers that `--chown` means: names are looked up in the image's own `/etc/passwd` and `/etc/group`.
 * @throws Error for a name that the image does not know
 */
export function ownerOf(chown: string | undefined, draft: Draft): { readonly uid: number; readonly gid: number } {
  if (!chown) return { uid: 0, gid: 0 }
  const [user = '', group = user] = chown.split(':')
  return { uid: idOf(user, 'user', 'etc/passwd', draft), gid: idOf(group, 'group', 'etc/group', draft) }
}

function idOf(name: string, kind: string, file: string, { tree, builtIn }: Draft): number {
  if (/^\d+$/.test(name)) return Number(name)
  const node = tree.get(file)
  const lines = node?.type === 'file' ? node.content.toString('utf8').split('\n') : []
  const found = lines.map((line) => line.split(':')).find(([known]) => known === name)?.[2]
  const id = found === undefined ? (builtIn || name === 'root' ? BUILT_IN[name] : undefined) : Number(found)
  if (id === undefined)
    throw new Error(`unable to find ${kind} ${name}: no matching entries in ${file.slice('etc/'.length)} file`)
  return id
}

/** The mode that `--chmod` means; undefined when it is not given. @throws Error */
export function permissionsOf(chmod: string | undefined): number | undefined {
  if (!chmod) return undefined
  if (!/^0?[0-7]{3,4}$/.test(chmod))
    throw new Error(`not supported in this sandbox: --chmod=${chmod}; give it in octal`)
  return Number.parseInt(chmod, 8)
}
