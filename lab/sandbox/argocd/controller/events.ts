import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { type Application, EVENTS } from '../application.ts'
import { timestamp } from '../json.ts'
import { resolveDestination } from '../spec.ts'

export type EventReason = 'ResourceUpdated' | 'OperationStarted' | 'OperationCompleted'

/** Writes Events about Applications. A failure to write one is told to `onError` and changes nothing else. */
export class AppEvents {
  constructor(
    private readonly kube: KubeClient,
    private readonly clock: Clock,
    private readonly component: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  write(app: Application, reason: EventReason, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    const { name, namespace = '', uid, resourceVersion } = app.metadata
    const now = timestamp(this.clock.now())
    const destination = resolveDestination(app.spec.destination)
    const server = typeof destination === 'string' ? (app.spec.destination?.server ?? '') : destination.server
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${randomBytes(8).toString('hex')}`,
        namespace,
        annotations: { 'dest-namespace': app.spec.destination?.namespace ?? '', 'dest-server': server },
      },
      involvedObject: { apiVersion: app.apiVersion, kind: app.kind, name, namespace, resourceVersion, uid },
      reason,
      message,
      type,
      source: { component: this.component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    }
    this.kube.create(EVENTS, event).catch(this.onError)
  }
}
