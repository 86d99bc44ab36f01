import { setMaxListeners } from 'node:events'
import type { Clock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { type Program, type ProgramContext, serveHealth, untilStopped } from '../../core/program.ts'
import { createEventRecorder, type EventRecorder } from './events.ts'
import { type FlagError, type Flags, parseFlags } from './flags.ts'
import { createLog, type Log } from './log.ts'
import type { FluxResource } from './resources.ts'
import { Subject } from './subject.ts'

/** What the controllers of one program share. */
export type Runtime = {
  readonly context: ProgramContext
  /** `source-controller` */
  readonly component: string
  readonly flags: Flags
  readonly kube: KubeClient
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly log: Log
  readonly events: EventRecorder
  /** The only namespace that is watched; undefined means all. */
  readonly namespace: string | undefined
  readonly concurrent: number
  readonly minRetryDelay: number
  readonly maxRetryDelay: number
}

export const subjectOf = (
  runtime: Runtime,
  resource: FluxResource,
  object: ConstructorParameters<typeof Subject>[0],
): Subject =>
  new Subject(object, { kube: runtime.kube, clock: runtime.clock, resource, fieldManager: runtime.component })

/**
 * A controller's main function: reads its flags, answers the probes on port 9440, starts its reconcilers and runs until
 * the container is stopped.
 */
export function controllerProgram(component: string, start: (runtime: Runtime) => Promise<void>): Program {
  return async (context) => {
    const { clock, signal, kube } = context
    // Every watch, request and wait of the program listens for its end.
    setMaxListeners(0, signal)
    let flags: Flags
    try {
      flags = parseFlags(context.argv, context.env)
    } catch (error) {
      context.log((error as FlagError).message)
      return 1
    }
    const log = createLog(context.log, clock, { debug: flags.logLevel !== 'info' && flags.logLevel !== 'error' })
    for (const note of flags.notes) log.info(note)
    const runtime: Runtime = {
      context,
      component,
      flags,
      kube,
      clock,
      signal,
      log,
      events: createEventRecorder({ kube, clock, component, log }),
      namespace: flags.watchAllNamespaces ? undefined : (context.env.get('RUNTIME_NAMESPACE') ?? context.pod.namespace),
      concurrent: flags.concurrent,
      minRetryDelay: flags.minRetryDelay,
      maxRetryDelay: flags.maxRetryDelay,
    }
    await serveHealth(context, 9440)
    await start(runtime)
    log.info('starting manager')
    const code = await untilStopped(context)
    log.info('Stopping and waiting for non leader election runnables')
    return code
  }
}
