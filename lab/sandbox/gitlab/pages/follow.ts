import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { type App, tracePath } from '../app.ts'
import { isAtRest } from './status.ts'

const PAUSE = 100
const MOST = 256 * 1024

/** The bytes of a job's log from an offset on, up to the last line's end; all of it when the job has ended. */
export function readLog(app: App, job: number, from: number): Buffer {
  const ended = isEnded(app, job)
  const path = tracePath(app, { id: job })
  if (!existsSync(path)) return Buffer.alloc(0)
  const descriptor = openSync(path, 'r')
  try {
    const size = fstatSync(descriptor).size
    const whole = ended ? Math.max(0, size - from) : Math.min(MOST, Math.max(0, size - from))
    const buffer = Buffer.alloc(whole)
    const read = buffer.subarray(0, readSync(descriptor, buffer, 0, whole, from))
    return ended ? read : read.subarray(0, read.lastIndexOf(10) + 1)
  } finally {
    closeSync(descriptor)
  }
}

const isEnded = (app: App, id: number): boolean => {
  const job = app.records.jobs.get(id)
  return job === undefined || isAtRest(job.status)
}

/** What is written to a job's log from an offset on, until the job has ended. */
export async function* followLog(app: App, job: number, from: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let offset = from; !signal.aborted; ) {
    const ended = isEnded(app, job)
    const next = readLog(app, job, offset)
    offset += next.length
    if (next.length > 0) yield next
    else if (ended) return
    else await app.clock.sleep(PAUSE, signal).catch(() => undefined)
  }
}
