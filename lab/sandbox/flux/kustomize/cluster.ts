import type { Clock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import type { Identity } from './identity.ts'
import type { ResourceMapper } from './mapper.ts'

export type Action = 'created' | 'configured' | 'unchanged' | 'skipped' | 'deleted'

export type ChangeSetEntry = { readonly identity: Identity; readonly version: string; readonly action: Action }

export type Cluster = {
  readonly kube: KubeClient
  readonly mapper: ResourceMapper
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Other field managers whose changes are undone. */
  readonly overrideManagers: readonly string[]
}
