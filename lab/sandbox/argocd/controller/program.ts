import { type ProgramContext, serveHealth, untilStopped } from '../../core/program.ts'
import { Controller } from './controller.ts'
import { refreshApplication } from './refresh.ts'
import { durationOf } from './retry.ts'
import { runOperation } from './run-operation.ts'

const PERIOD = 120_000
const JITTER = 60_000

/** argocd-application-controller: compares Applications with their sources and syncs them. */
export async function applicationController(context: ProgramContext): Promise<number> {
  const duration = (name: string, fallback: number) => durationOf(context.env.get(name) ?? '') ?? fallback
  const options = {
    period: duration('ARGOCD_RECONCILIATION_TIMEOUT', PERIOD),
    jitter: duration('ARGOCD_RECONCILIATION_JITTER', JITTER),
  }
  const controller = new Controller(context, options, { refresh: refreshApplication, operate: runOperation })
  await serveHealth(context, 8082)
  controller.log('info', `Starting application controller, comparing every ${options.period / 1000} seconds`)
  void controller.start().then(() => controller.log('info', 'Cluster cache is synced'))
  const code = await untilStopped(context)
  controller.stop()
  return code
}
