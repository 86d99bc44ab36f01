import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { LabError, messageOf } from '../engine/lab-error.ts'
import { codeOf } from './errno.ts'

const MARKER = '.gitops-lab'
export type FolderKind = 'state' | 'work'
/** A marker in words instead of JSON has neither, and is a working folder's. */
type Marker = { readonly kind?: FolderKind; readonly owner?: string }

const NAMES: Readonly<Record<FolderKind, { readonly what: string; readonly option: string }>> = {
  state: { what: 'state folder', option: '--state-dir' },
  work: { what: 'working folder', option: '--dir' },
}

/**
 * Makes a folder the lab's, or finds that it is: absent or empty it gets our marker, otherwise it has to have one, of
 * the same kind and for the same `owner`. @throws LabError when it is not ours or cannot be written.
 */
export function claimFolder(path: string, kind: FolderKind, owner: string): void {
  const { what, option } = NAMES[kind]
  try {
    mkdirSync(path, { recursive: true, mode: kind === 'state' ? 0o700 : 0o755 })
    const marker = readMarker(path)
    if (!marker && readdirSync(path).length > 0) {
      throw new LabError({
        expected: `a ${what} of the lab's own, or an empty one`,
        found: `${path} holds files that are not the lab's`,
        next: `Choose another folder with ${option}`,
      })
    }
    if (marker && ((marker.kind ?? 'work') !== kind || (marker.owner ?? owner) !== owner)) {
      throw new LabError({
        expected: `the ${what} of this lab`,
        found: `${path} belongs to another lab (${marker.owner ?? marker.kind})`,
        next: `Choose another folder with ${option}`,
      })
    }
    accessSync(path, constants.W_OK)
    if (!marker) writeFileSync(join(path, MARKER), `${JSON.stringify({ kind, owner })}\n`, { mode: 0o600 })
  } catch (error) {
    if (error instanceof LabError) throw error
    throw new LabError({
      expected: `a ${what} that can be written`,
      found: codeOf(error) === 'ENOSPC' ? `no space left for ${path}` : messageOf(error),
      next:
        codeOf(error) === 'ENOSPC'
          ? 'Make room on the disk'
          : `Make ${path} writable, or choose another with ${option}`,
    })
  }
}

/** Whether the folder has our marker. */
export const isOurs = (path: string, kind: FolderKind): boolean => {
  const marker = readMarker(path)
  return marker !== undefined && (marker.kind ?? 'work') === kind
}

/** Removes a folder with our marker and everything in it; a folder without is left. True if it was removed. */
export function removeFolder(path: string, kind: FolderKind): boolean {
  if (!isOurs(path, kind)) return false
  rmSync(path, { recursive: true, force: true })
  return true
}

function readMarker(path: string): Marker | undefined {
  const file = join(path, MARKER)
  if (!existsSync(file) || !statSync(file).isFile()) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Marker
  } catch {
    return {}
  }
}
