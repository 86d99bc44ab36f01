import type { Clock } from '../../core/clock.ts'
import type { KubeObject } from '../types.ts'
import { isStatus, type Objects, writerOf } from './objects.ts'

export type EventSource = { readonly component: string; readonly host?: string }

export type ObjectReference = {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

export const referenceTo = (object: KubeObject): ObjectReference => {
  const { name, namespace, uid, resourceVersion } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion }
}

/** An event that repeats within this time raises the count of the first one. */
const SAME_EVENT_MS = 10 * 60_000
const MOST_REMEMBERED = 4096

/** Records events as client-go's recorder does: the same thing said again raises `count` and `lastTimestamp`. */
export class Events {
  private readonly seen = new Map<string, { readonly namespace: string; readonly name: string; at: number }>()

  private last = 0n

  constructor(
    private readonly objects: Objects,
    private readonly clock: Clock,
  ) {}

  record(
    about: ObjectReference,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    source: EventSource,
  ): void {
    const key = JSON.stringify([about.uid ?? about.name, about.fieldPath, type, reason, message, source])
    const now = this.clock.now()
    const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
    const known = this.seen.get(key)
    if (known && now - known.at < SAME_EVENT_MS && this.repeat(known, time, source)) {
      known.at = now
      return
    }
    const namespace = about.namespace || 'default'
    const name = `${about.name}.${this.serial(now).toString(16)}`
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: about,
      reason,
      message,
      source,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: source.component,
      reportingInstance: source.host ?? '',
    }
    try {
      this.objects.create('events', event, writerOf(source.component))
      this.remember(key, { namespace, name, at: now })
    } catch (error) {
      // Events about what is in a namespace that is going or gone are dropped, as the real recorder does.
      if (!isStatus(error, 404) && !isStatus(error, 403)) throw error
    }
  }

  /** Nanoseconds since the epoch, as the real recorder names events: a later event has a greater number. */
  private serial(now: number): bigint {
    const time = BigInt(Math.floor(now)) * 1_000_000n
    this.last = time > this.last ? time : this.last + 1n
    return this.last
  }

  private repeat({ namespace, name }: { namespace: string; name: string }, time: string, source: EventSource): boolean {
    const event = this.objects.get('events', namespace, name)
    if (!event) return false
    const repeated = { ...event, count: (event['count'] ?? 1) + 1, lastTimestamp: time }
    this.objects.update('events', repeated, writerOf(source.component))
    return true
  }

  private remember(key: string, event: { namespace: string; name: string; at: number }): void {
    this.seen.delete(key)
    this.seen.set(key, event)
    const [oldest] = this.seen.keys()
    if (this.seen.size > MOST_REMEMBERED && oldest !== undefined) this.seen.delete(oldest)
  }
}
