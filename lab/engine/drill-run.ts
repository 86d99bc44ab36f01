import type { Drill } from './course.ts'
import { drillSnapshot } from './drill.ts'
import type { Event } from './events.ts'
import { messageOf } from './lab-error.ts'
import type { Environment } from './ports.ts'

/**
 * Saves the world and puts a drill's fault into it. What its scripts print is kept from everybody, since it tells the
 * fault. Undefined when the fault is there; otherwise why it is not, and the world is what it was before.
 */
export async function injectFault(
  { name, prepare, inject }: Drill,
  environment: Pick<Environment, 'run' | 'world'>,
  record: (event: Event) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { world } = environment
  if (!world) return 'this world is not the lab’s own: it could not be put back after a drill'
  await world.snapshot(drillSnapshot(name))
  record({ kind: 'snapshot-taken', name: drillSnapshot(name) })
  record({ kind: 'drill-started', drill: name })
  for (const { text, source } of [...prepare, ...inject]) {
    const failed = await failureOf(text, environment, signal)
    if (failed === undefined) continue
    const why = `the drill ${name} could not be prepared (${source.file}:${source.line}): ${failed}`
    return signal.aborted ? why : `${why}\n${await takeBack(name, environment, record)}`
  }
  record({ kind: 'drill-injected', drill: name })
  return undefined
}

/** Puts the world back to what it was before the drill, and says so. */
export async function takeBack(
  name: string,
  { world }: Pick<Environment, 'world'>,
  record: (event: Event) => void,
): Promise<string> {
  if (!(await world?.restore(drillSnapshot(name)))) return 'The snapshot from before the drill is gone'
  record({ kind: 'snapshot-restored', name: drillSnapshot(name) })
  record({ kind: 'drill-undone', drill: name })
  return 'The world is what it was before'
}

async function failureOf(
  script: string,
  environment: Pick<Environment, 'run'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  let output = ''
  const onOutput = (chunk: string) => {
    output = (output + chunk).slice(-2000)
  }
  try {
    const { code } = await environment.run(script, { signal, onOutput })
    return code === 0 ? undefined : `exit code ${code}; ${output.trim().split('\n').at(-1)}`
  } catch (error) {
    return messageOf(error)
  }
}
