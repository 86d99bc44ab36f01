import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { codeOf } from './errno.ts'

/** Who runs the background process of a state folder. */
export type ServeRecord = {
  readonly pid: number
  readonly version: string
  readonly socket: string
  readonly startedAt: number
  /** When the machine was started, roughly: a pid of another boot means nothing. */
  readonly bootedAt: number
}

/** Time after which a process that does not answer on its socket is no longer taken for one that starts. */
const STARTING = 15_000

export const newRecord = (version: string, socket: string, now: number): ServeRecord => ({
  pid: process.pid,
  version,
  socket,
  startedAt: now,
  bootedAt: bootTime(now),
})

/** Undefined when there is none, or one that cannot be read: its writer links it into place whole. */
export function readRecord(path: string): ServeRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as ServeRecord
    return typeof record.pid === 'number' && typeof record.socket === 'string' ? record : undefined
  } catch {
    return undefined
  }
}

/** Whether the process of a record lives, as far as its pid tells. */
export function isAlive(record: ServeRecord, now: number): boolean {
  if (Math.abs(bootTime(now) - record.bootedAt) > 60_000) return false
  try {
    process.kill(record.pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Whether the process may yet begin to answer. */
export const isStarting = (record: ServeRecord, now: number): boolean =>
  now - record.startedAt < STARTING && isAlive(record, now)

/**
 * Puts the record in place if no living process has one there: true if it is ours now. `answers` tells whether a
 * process that seems to live is really the lab's. A stale record is removed by one process at a time.
 */
export async function takeRecord(
  path: string,
  record: ServeRecord,
  answers: (other: ServeRecord) => Promise<boolean>,
): Promise<boolean> {
  if (link(path, record)) return true
  const other = readRecord(path)
  if (other && ((await answers(other)) || isStarting(other, record.startedAt))) return false
  const guard = `${path}.stale`
  if (!link(guard, record)) {
    const holder = readRecord(guard)
    if (holder && isAlive(holder, record.startedAt)) return false
    rmSync(guard, { force: true })
    if (!link(guard, record)) return false
  }
  try {
    if (readRecord(path)?.pid === other?.pid) rmSync(path, { force: true })
    return link(path, record)
  } finally {
    rmSync(guard, { force: true })
  }
}

/** Removes the record if it is this process's. */
export function dropRecord(path: string): void {
  if (readRecord(path)?.pid === process.pid) rmSync(path, { force: true })
}

/** Creates the file with its whole content or not at all: false if it is there. */
function link(path: string, record: ServeRecord): boolean {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

const bootTime = (now: number): number => now - uptime() * 1000
