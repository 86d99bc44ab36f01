import type { Clock, Timer } from '../../../core/clock.ts'
import type { KubeObject, Resource } from '../../types.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import type { Controller } from './work-queue.ts'

const LIFETIME = 3600_000
const PERIOD = 60_000

/** When an Event last had something to say, in milliseconds. */
function lastSeen({ metadata, lastTimestamp, eventTime, series }: KubeObject): number {
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime]
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)))
}

/** Deletes Events an hour after they were last written, as the real server does (`--event-ttl`). */
export class EventExpiry implements Controller {
  private timer: Timer

  constructor(
    private readonly registry: StoreRegistry,
    private readonly clock: Clock,
  ) {
    this.timer = clock.setTimeout(() => this.sweep(), PERIOD)
  }

  close(): void {
    this.timer.cancel()
  }

  private sweep(): void {
    const events = this.registry.find('', 'events') as Resource
    const { storage } = this.registry
    for (const event of storage.list(events, undefined)) {
      if (this.clock.now() - lastSeen(event) > LIFETIME) storage.erase(events, event)
    }
    this.timer = this.clock.setTimeout(() => this.sweep(), PERIOD)
  }
}
