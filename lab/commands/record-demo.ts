import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Size } from '../cli/command-line.ts'
import { LabError, messageOf } from '../engine/lab-error.ts'
import { stepOf } from '../engine/outline.ts'
import type { Clock } from '../engine/ports.ts'
import { Cast } from '../views/recording/cast.ts'
import { svgOf } from '../views/recording/svg.ts'
import type { Model } from '../views/tui/model.ts'
import type { Screen, ScreenOptions } from '../views/tui/terminal/screen.ts'

export type RecordOptions = { readonly record?: string; readonly stills?: string; readonly size: Size }

/** Pauses in a recording are at most this long. */
const IDLE = 1500

export type Recording = {
  frame(rows: readonly string[], model: Model): void
  /** Completes the files. @throws LabError when they could not be written */
  close(): void
}

/**
 * Opens what is to be written, before anything starts. What was there stays until the recording begins.
 * @throws LabError with code 64 when that cannot be
 */
export function openRecording(options: RecordOptions, title: string, clock: Clock): { begin(): Recording } {
  const { record, stills } = options
  const file =
    record === undefined ? undefined : attempt(record, () => openSync(record, constants.O_WRONLY | constants.O_CREAT))
  if (stills !== undefined) attempt(stills, () => mkdirSync(stills, { recursive: true }))
  return {
    begin() {
      if (file !== undefined && fstatSync(file).isFile()) ftruncateSync(file)
      return beginRecording(options, file, title, clock)
    },
  }
}

function beginRecording(
  { record, stills, size }: RecordOptions,
  file: number | undefined,
  title: string,
  clock: Clock,
): Recording {
  const pictures = new Map<string, readonly string[]>()
  let failed: unknown
  const write = (line: string) => {
    try {
      // Unlike `writeSync`, this goes on after a write that took only a part.
      if (file !== undefined && failed === undefined) writeFileSync(file, `${line}\n`)
    } catch (error) {
      failed = error
    }
  }
  const cast = new Cast({ ...size, title, idle: IDLE, write })
  if (failed !== undefined) throw unwritable(record as string, failed)
  return {
    frame(rows, model) {
      cast.frame(rows, clock.now())
      const name = stillOf(model)
      if (name !== undefined) pictures.set(name, rows)
    },
    close() {
      cast.end()
      if (file !== undefined) closeSync(file)
      if (failed !== undefined) {
        throw new LabError({
          expected: `the whole demo in ${record}`,
          found: `it ends early: ${messageOf(failed)}`,
          next: 'Make room, and record again',
        })
      }
      for (const [name, rows] of stills === undefined ? [] : pictures) {
        const path = join(stills as string, `${name}.svg`)
        attempt(path, () => writeFileSync(path, svgOf(rows, { columns: size.columns, title: `${title}: ${name}` })))
      }
    },
  }
}

/** The name of a main screen: the beginning, what each step ends with, the end. */
function stillOf({ demo, state, page, link }: Model): string | undefined {
  if (!demo || !state || link.kind !== 'up') return undefined
  if (page === 'welcome') return 'welcome'
  if (page === 'finish') return 'finish'
  const step = stepOf(state.outline, demo.task ?? '')
  return demo.phase.kind === 'done' && step?.tasks.at(-1)?.key === demo.task ? `step-${step?.name}` : undefined
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unwritable(path, error)
  }
}

const unwritable = (path: string, error: unknown): LabError =>
  new LabError({
    expected: `a place that can be written to, ${path}`,
    found: messageOf(error),
    next: 'Name another one',
    code: 64,
  })

/** A screen of this size that nobody looks at. */
export const headless =
  (size: Size) =>
  (_: ScreenOptions): Screen => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done() })
    Object.defineProperties(stdout, {
      isTTY: { value: true },
      columns: { value: size.columns },
      rows: { value: size.rows },
    })
    return {
      size: () => size,
      stdout: stdout as Screen['stdout'],
      suspend: (work) => work(),
      stop: () => {},
      copy: () => {},
      close: () => {},
    }
  }

/** A terminal of which only this much is used, whatever its size. */
export const fixedSize =
  (size: Size, open: (options: ScreenOptions) => Screen) =>
  (options: ScreenOptions): Screen => {
    const screen = open({ ...options, needed: size, onResize: () => options.onResize(size) })
    return {
      size: () => size,
      stdout: screen.stdout,
      suspend: (work) => screen.suspend(work),
      stop: () => screen.stop(),
      copy: (text) => screen.copy(text),
      close: () => screen.close(),
    }
  }
