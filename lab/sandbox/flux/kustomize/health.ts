import { formatDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import { groupOf } from '../../core/kube-objects.ts'
import type { Subject } from '../runtime/subject.ts'
import type { ChangeSetEntry, Cluster } from './cluster.ts'
import type { Identity } from './identity.ts'
import { NotReady, waitForSet } from './wait.ts'

const POLL = 5_000

type Reference = {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** What is to be healthy: everything applied (`wait`), or what `healthChecks` lists; never the Kustomization itself. */
export function healthTargets(
  subject: Pick<Subject, 'name' | 'namespace' | 'spec'>,
  changes: readonly ChangeSetEntry[],
): readonly Identity[] {
  const { wait, healthChecks = [] } = subject.spec
  const all: readonly Identity[] = wait
    ? changes.filter(({ action }) => action !== 'skipped').map(({ identity }) => identity)
    : (healthChecks as Reference[]).map(({ apiVersion = '', kind, name, namespace = '' }) => ({
        group: groupOf({ apiVersion }),
        kind,
        name,
        namespace,
      }))
  return all.filter(
    ({ kind, name, namespace }) =>
      !(kind === 'Kustomization' && name === subject.name && namespace === subject.namespace),
  )
}

/**
 * Waits until the targets are healthy and keeps the condition Healthy. `onRecovered` tells that they are, when that is
 * news. @throws Error that says what is not healthy
 */
export async function checkHealth(options: {
  readonly cluster: Cluster
  readonly subject: Subject
  readonly changes: readonly ChangeSetEntry[]
  readonly revision: string
  readonly timeout: number
  readonly isNews: boolean
  readonly onRecovered: (message: string) => Promise<void>
}): Promise<void> {
  const { cluster, subject, changes, revision, timeout, isNews, onRecovered } = options
  const targets = healthTargets(subject, changes)
  if (targets.length === 0) {
    subject.unmark('Healthy')
    return
  }
  const start = cluster.clock.now()
  const wasHealthy = subject.is('Healthy')
  const message = `Running health checks for revision ${revision} with a timeout of ${formatDuration(timeout)}`
  subject.markReconciling('Progressing', message)
  subject.mark('Healthy', 'Unknown', 'Progressing', message)
  await subject.save()
  const label = {
    actor: 'kustomize-controller',
    subject: `Kustomization ${subject.namespace}/${subject.name}`,
    action: 'check the health again',
  }
  try {
    await waitForSet(cluster, targets, { interval: POLL, timeout, failFast: true, label })
  } catch (error) {
    if (!(error instanceof NotReady)) throw error
    subject.mark('Healthy', 'False', 'HealthCheckFailed', error.message)
    const taken = formatDuration(cluster.clock.now() - start)
    throw new NotReady(`health check failed after ${taken}: ${messageOf(error)}`)
  }
  const passed = `Health check passed in ${formatDuration(cluster.clock.now() - start)}`
  if (!wasHealthy || isNews) await onRecovered(passed)
  subject.mark('Healthy', 'True', 'Succeeded', passed)
  await subject.save()
}
