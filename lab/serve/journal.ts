import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import type { Recorded } from '../engine/events.ts'
import { LabError } from '../engine/lab-error.ts'
import type { Journal } from '../engine/session.ts'

const FORMAT = 1

export type OpenJournal = Journal & { readonly past: readonly Recorded[]; close(): void }

/**
 * Opens or begins the journal at `path`: one JSON value a line, the first names the format. A last line that was cut
 * short is dropped. @throws LabError when it is another version's, or damaged.
 */
export function openJournal(path: string): OpenJournal {
  const { past, size } = existsSync(path) ? read(path) : { past: [], size: 0 }
  if (existsSync(path) && statSync(path).size > size) truncateSync(path, size)
  const descriptor = openSync(path, 'a', 0o600)
  let written = size
  const append = (value: unknown) => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    } catch (error) {
      ftruncateSync(descriptor, written)
      throw error
    }
    written += bytes.length
  }
  if (size === 0) append({ journal: FORMAT })
  return { past, append, close: () => closeSync(descriptor) }
}

function read(path: string): { past: readonly Recorded[]; size: number } {
  const text = readFileSync(path, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const values = whole
    .split('\n')
    .slice(0, -1)
    .map((line, at) => parse(line, `${path}:${at + 1}`))
  if (values.length === 0) return { past: [], size: 0 }
  const [head, ...past] = values as [{ journal?: unknown }, ...Recorded[]]
  if (head.journal !== FORMAT) {
    throw new LabError({
      expected: `a journal of format ${FORMAT}`,
      found: `${path} is of format ${JSON.stringify(head.journal)}, written by another version of gitops-lab`,
      next: 'Use that version, or begin anew with `gitops-lab reset`',
    })
  }
  return { past, size: Buffer.byteLength(whole) }
}

function parse(line: string, place: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new LabError({
      expected: 'one JSON value a line',
      found: `${place} is damaged`,
      next: 'Remove that line, or begin anew with `gitops-lab reset`',
    })
  }
}
