import type { Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { isNotFound, type KubeClient, type KubeObject } from '../../core/kube-client.ts'
import { EVENTS, eventAbout, timestamp } from '../../core/kube-objects.ts'
import type { Log } from './log.ts'

export type EventType = 'Normal' | 'Warning'

/** What client-go's recorder does: equal events are counted, many similar ones are combined. */
export type EventRecorder = {
  /** Writes an event about an object. A failure to write it is logged, never thrown. */
  emit(
    object: KubeObject,
    type: EventType,
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void>
}

/** client-go's defaults: from the tenth different message of one kind within ten minutes on, they are combined. */
const SIMILAR_LIMIT = 10
const SIMILAR_WINDOW = 600_000

type Written = { readonly name: string; count: number }
type Similar = { readonly messages: Set<string>; last: number }

export function createEventRecorder(options: {
  readonly kube: KubeClient
  readonly clock: Clock
  readonly component: string
  readonly log: Log
}): EventRecorder {
  const { kube, clock, component, log } = options
  const written = new Map<string, Written>()
  const similar = new Map<string, Similar>()
  let sequence = 0n
  let queue: Promise<void> = Promise.resolve()

  /** The message to write and the key that tells equal events. */
  function combine(kind: string, message: string): { text: string; key: string } {
    const now = clock.now()
    let group = similar.get(kind)
    if (!group || now - group.last > SIMILAR_WINDOW) {
      group = { messages: new Set(), last: now }
      similar.set(kind, group)
    }
    group.messages.add(message)
    group.last = now
    if (group.messages.size < SIMILAR_LIMIT) return { text: message, key: `${kind}\n${message}` }
    return { text: `(combined from similar events): ${message}`, key: kind }
  }

  async function write(
    object: KubeObject,
    type: EventType,
    reason: string,
    message: string,
    annotations: Readonly<Record<string, string>>,
  ) {
    const { name, namespace = 'default', uid } = object.metadata
    const { text, key } = combine(`${uid ?? ''}/${name}/${type}/${reason}`, message)
    const known = written.get(key)
    if (known) {
      try {
        const change = { count: known.count + 1, lastTimestamp: timestamp(clock.now()), message: text }
        await kube.patch(EVENTS, known.name, namespace, 'merge', change)
        known.count++
        return
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
    const event = `${name}.${(BigInt(clock.now()) * 1_000_000n + (sequence++ % 1_000_000n)).toString(16)}`
    const about = eventAbout(object, {
      name: event,
      type,
      reason,
      message: text,
      component,
      now: clock.now(),
      annotations,
    })
    await kube.create(EVENTS, { ...about, reportingComponent: component, reportingInstance: '' })
    written.set(key, { name: event, count: 1 })
  }

  return {
    emit(object, type, reason, message, annotations = {}) {
      queue = queue.then(() =>
        write(object, type, reason, message, annotations).catch((error) =>
          log.error('unable to record event', messageOf(error), { reason }),
        ),
      )
      return queue
    },
  }
}
