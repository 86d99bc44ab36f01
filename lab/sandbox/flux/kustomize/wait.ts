import type { TimerLabel } from '../../core/clock.ts'
import { isNotFound } from '../../core/kube-client.ts'
import type { Cluster } from './cluster.ts'
import { type Identity, subjectText } from './identity.ts'
import { type KStatus, statusOf } from './kstatus.ts'
import { NoMatch } from './mapper.ts'

/** Objects did not become ready; the message names them. */
export class NotReady extends Error {
  override readonly name = 'NotReady'
}

export type WaitOptions = {
  readonly interval: number
  readonly timeout: number
  /** Stop at the first object that has failed. */
  readonly failFast?: boolean
  readonly label: TimerLabel
}

/** Polls objects until all are ready. @throws NotReady when time is up, or one has failed for good */
export async function waitForSet(
  cluster: Cluster,
  identities: readonly Identity[],
  { interval, timeout, failFast = false, label }: WaitOptions,
): Promise<void> {
  const { clock, signal } = cluster
  const end = clock.now() + timeout
  for (;;) {
    const statuses = await Promise.all(identities.map((identity) => currentStatus(cluster, identity)))
    if (statuses.every((status) => status === 'Current')) return
    const describe = (isListed: (status: KStatus) => boolean) =>
      identities
        .flatMap((identity, at) =>
          isListed(statuses[at] as KStatus) ? `${subjectText(identity)} status: '${statuses[at]}'` : [],
        )
        .join(', ')
    const isSettled = statuses.every((status) => status === 'Current' || status === 'Failed')
    if (statuses.includes('Failed') && (failFast || isSettled)) {
      throw new NotReady(`failed early due to stalled resources: [${describe((status) => status === 'Failed')}]`)
    }
    const left = end - clock.now()
    if (left <= 0) throw new NotReady(`timeout waiting for: [${describe((status) => status !== 'Current')}]`)
    await clock.sleep(Math.min(interval, left), signal, label)
  }
}

async function currentStatus({ kube, mapper }: Cluster, identity: Identity): Promise<KStatus> {
  try {
    const mapping = await mapper.find(identity.group ? `${identity.group}/` : '', identity.kind)
    return statusOf(await kube.get(mapping, identity.name, mapping.namespaced ? identity.namespace : undefined))
  } catch (error) {
    if (error instanceof NoMatch || isNotFound(error)) return 'NotFound'
    throw error
  }
}

/** Polls until objects are gone; false when time is up. */
export async function waitForTermination(
  cluster: Cluster,
  identities: readonly Identity[],
  { interval, timeout, label }: WaitOptions,
): Promise<boolean> {
  const { clock, signal } = cluster
  const end = clock.now() + timeout
  for (;;) {
    const statuses = await Promise.all(identities.map((identity) => currentStatus(cluster, identity)))
    if (statuses.every((status) => status === 'NotFound')) return true
    if (clock.now() >= end) return false
    await clock.sleep(Math.min(interval, end - clock.now()), signal, label)
  }
}
