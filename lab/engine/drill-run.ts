import type { Drill, Script } from './course.ts'
import { drillSnapshot } from './drill.ts'
import type { Event } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Environment } from './ports.ts'
import type { Row } from './report.ts'

/** How long the world may take to be as the drill needs it, and then to show the fault. */
const LIMIT = 180_000
const PAUSE = 1000

export type DrillRunOptions = {
  readonly environment: Pick<Environment, 'run' | 'world' | 'nudge'>
  readonly clock: Clock
  /** The lab ends: the drill is left as it is, cut off. */
  readonly signal: AbortSignal
  record(event: Event): void
  /** Why the drill cannot begin now; undefined when it can. */
  whyNot(): string | undefined
  /** Does something to the world while no check looks at it. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /** Asks the drill's checks. */
  ask(): Promise<readonly Row[]>
}

/**
 * Saves the world, prepares it until the drill's checks pass, and makes the fault until they no longer do. What the
 * scripts print is kept from everybody, since it tells the fault. Undefined when the fault is there; otherwise why it
 * is not, and the world is what it was before.
 */
export async function beginDrill(drill: Drill, options: DrillRunOptions): Promise<string | undefined> {
  const { environment, exclusive, record, signal } = options
  const { world } = environment
  if (!world) return 'this world is not the lab’s own: it could not be put back after a drill'
  const snapshot = drillSnapshot(drill.name)
  let began = false
  const failed = await exclusive(async () => {
    // Since somebody asked for it, another one may have begun.
    const whyNot = options.whyNot()
    if (whyNot !== undefined) return whyNot
    began = true
    await world.snapshot(snapshot)
    record({ kind: 'snapshot-taken', name: snapshot })
    record({ kind: 'drill-started', drill: drill.name })
    return await runAll(drill.prepare, options)
  })
  if (!began) return failed
  const why = failed ?? (await unhealthy(options)) ?? (await makeFault(drill, options))
  if (why === undefined) return undefined
  const sentence = `the drill ${drill.name} cannot begin: ${why}`
  if (signal.aborted) return sentence
  await exclusive(async () => {
    if (!(await world.restore(snapshot))) return
    record({ kind: 'snapshot-restored', name: snapshot })
    record({ kind: 'drill-undone', drill: drill.name })
  })
  return `${sentence}\nThe world was put back to what it was before.`
}

async function unhealthy(options: DrillRunOptions): Promise<string | undefined> {
  const rows = await askUntil((rows) => rows.length > 0 && rows.every(({ verdict }) => verdict === 'passed'), options)
  const row = rows.find(({ verdict }) => verdict !== 'passed')
  if (!row) return undefined
  return `something else is wrong already. Expected: ${row.expected}. Found: ${row.found}. If another drill left it so, \`gitops-lab drill --undo\` takes that one back.`
}

async function makeFault(drill: Drill, options: DrillRunOptions): Promise<string | undefined> {
  const failed = await options.exclusive(() => runAll(drill.inject, options))
  if (failed !== undefined) return failed
  const rows = await askUntil((rows) => rows.some(({ verdict }) => verdict === 'blocked'), options)
  if (!rows.some(({ verdict }) => verdict === 'blocked')) return 'its fault does not show'
  options.record({ kind: 'drill-injected', drill: drill.name })
  return undefined
}

/** Asks the checks until they say what is wanted, or the time is over, shortening what they wait for. */
async function askUntil(
  wanted: (rows: readonly Row[]) => boolean,
  { ask, clock, environment, signal }: DrillRunOptions,
): Promise<readonly Row[]> {
  const deadline = clock.now() + LIMIT
  for (;;) {
    const rows = await ask()
    if (wanted(rows) || clock.now() >= deadline || signal.aborted) return rows
    await environment.nudge([...new Set(rows.flatMap(({ actor }) => (actor === undefined ? [] : [actor])))])
    await pause(clock, signal)
  }
}

const pause = (clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.setTimeout(done, PAUSE)
    function done() {
      timer.cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })

/** Runs scripts one after the other; why the first one that fails does. */
async function runAll(
  scripts: readonly Script[],
  { environment, signal }: DrillRunOptions,
): Promise<string | undefined> {
  for (const { text, source } of scripts) {
    let output = ''
    const onOutput = (chunk: string) => {
      output = (output + chunk).slice(-2000)
    }
    try {
      const { code } = await environment.run(text, { signal, onOutput })
      if (code !== 0)
        return `${source.file}:${source.line} ended with exit code ${code}: ${output.trim().split('\n').at(-1)}`
    } catch (error) {
      return `${source.file}:${source.line}: ${messageOf(error)}`
    }
  }
  return undefined
}
