import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { EVENTS, eventAbout } from '../../core/kube-objects.ts'
import type { Application } from '../application.ts'
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
    const destination = resolveDestination(app.spec.destination)
    const server = typeof destination === 'string' ? (app.spec.destination?.server ?? '') : destination.server
    const event = eventAbout(app, {
      name: `${app.metadata.name}.${randomBytes(8).toString('hex')}`,
      type,
      reason,
      message,
      component: this.component,
      now: this.clock.now(),
      annotations: { 'dest-namespace': app.spec.destination?.namespace ?? '', 'dest-server': server },
    })
    this.kube
      .create(EVENTS, { ...event, eventTime: null, reportingComponent: '', reportingInstance: '' })
      .catch(this.onError)
  }
}
