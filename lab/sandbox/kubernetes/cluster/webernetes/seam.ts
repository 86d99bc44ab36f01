import { ApiError } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'

/** Fields that hold a metav1.Time wherever they occur, apart from free maps. */
const TIMES = new Set([
  'creationTimestamp',
  'deletionTimestamp',
  'startTime',
  'startedAt',
  'finishedAt',
  'lastTransitionTime',
  'lastUpdateTime',
  'lastProbeTime',
  'lastHeartbeatTime',
  'firstTimestamp',
  'lastTimestamp',
  'eventTime',
])

const FREE_MAPS = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'selector', 'data'])

/**
 * A copy of an API object as webernetes wants it: times are `Date`. Without managedFields, which its controllers never
 * read and which the API server keeps when a write does not name them.
 */
export function toEngine(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return revive({
    ...withStatusFields(object),
    metadata: { ...metadata, annotations: withoutMirror(metadata.annotations) },
  }) as KubeObject
}

/**
 * Its Deployment controller tells a status that changed from one that did not by the fields' names too, and computes
 * one with these two even without a value. It would find each status changed, write it as it is, which causes no event,
 * and never come to set the time at which to look whether the progress deadline has passed.
 */
function withStatusFields(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment' || !object['status']) return object
  return { ...object, status: { collisionCount: undefined, terminatingReplicas: undefined, ...object['status'] } }
}

/** The kubelet leaves mirror pods to the static pod behind them; the control plane's pods have none. */
function withoutMirror(annotations: Readonly<Record<string, string>> | undefined) {
  if (annotations?.['kubernetes.io/config.mirror'] === undefined) return annotations
  const hidden = ['kubernetes.io/config.mirror', 'kubernetes.io/config.source']
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !hidden.includes(key)))
}

function revive(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return TIMES.has(key) ? new Date(value) : value
  if (Array.isArray(value)) return value.map((item) => revive(item))
  if (typeof value !== 'object' || value === null) return value
  if (FREE_MAPS.has(key)) return structuredClone(value)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field, name)]))
}

/** Lists and maps that Go leaves out when they are empty. */
const OMITTED_EMPTY = new Set(['initContainerStatuses', 'ephemeralContainerStatuses', 'finalizers', 'annotations'])

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/**
 * What webernetes wrote, as the API carries it: times are RFC 3339 in whole seconds, as metav1.Time has them; fields
 * without a value are left out.
 */
export function fromEngine(value: unknown, key = ''): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z')
  if (typeof value === 'string') return TIMES.has(key) ? value.replace(/\.\d+Z$/, 'Z') : value
  if (Array.isArray(value)) return value.map((item) => fromEngine(item))
  if (typeof value !== 'object' || value === null) return value
  if (FREE_MAPS.has(key)) return value
  const fields = Object.entries(value).filter(
    ([name, field]) => field !== undefined && !(OMITTED_EMPTY.has(name) && isEmpty(field)),
  )
  return Object.fromEntries(fields.map(([name, field]) => [name, fromEngine(field, name)]))
}

/**
 * An answer of the API server in the shape that webernetes recognises: name, `code` and the Status as `body`. A
 * conflict comes as an error of no kind: its Deployment controller sends a conflicting write four times again as it
 * was, for 150 ms; any other error makes it look again at once, as the real one does after a conflict.
 */
export function engineError(error: unknown): Error {
  if (!(error instanceof ApiError)) return error instanceof Error ? error : new Error(String(error))
  const { reason, details } = error.extra as { reason?: string; details?: unknown }
  const body = { kind: 'Status', status: 'Failure', message: error.message, reason, details, code: error.status }
  // Its events show an error as Go does: the message alone.
  const asText = { toString: () => error.message }
  const answer = reason === 'Conflict' ? {} : { name: reason ?? 'Error', code: error.status, body }
  return Object.assign(new Error(error.message), answer, asText)
}
