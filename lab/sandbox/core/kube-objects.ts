import { isMap, type JsonMap } from './json.ts'
import type { KubeObject, ResourceId } from './kube-client.ts'

export const SECRETS: ResourceId = { group: '', version: 'v1', plural: 'secrets' }
export const CONFIG_MAPS: ResourceId = { group: '', version: 'v1', plural: 'configmaps' }
export const EVENTS: ResourceId = { group: '', version: 'v1', plural: 'events' }
export const NAMESPACES: ResourceId = { group: '', version: 'v1', plural: 'namespaces' }
export const SERVICE_ACCOUNTS: ResourceId = { group: '', version: 'v1', plural: 'serviceaccounts' }

export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

type Typed = { readonly apiVersion: string }

/** '' for the core group. */
export const groupOf = ({ apiVersion }: Typed): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))

export const versionOf = ({ apiVersion }: Typed): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** Milliseconds since the epoch as Kubernetes writes times: UTC, whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** The values of a Secret, decoded. */
export const secretData = (secret: KubeObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries((secret['data'] ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  )

/** One value of a Secret, decoded. */
export const secretText = (secret: KubeObject, key: string): string | undefined => secretData(secret)[key]

/** A Secret with its `stringData` in `data`, where the server puts it; other objects as they are. */
export function withEncodedData(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !('stringData' in object)) return object
  const { stringData, ...secret } = object
  const encoded = Object.entries((stringData ?? {}) as Record<string, unknown>).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  return { ...secret, data: { ...secret['data'], ...Object.fromEntries(encoded) } } as KubeObject
}

/** Every field that one of two sets (`fieldsV1` of managed fields) names. */
export function unionOfFields(a: JsonMap, b: JsonMap): JsonMap {
  const result: JsonMap = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const known = result[key]
    result[key] = isMap(known) && isMap(value) ? unionOfFields(known, value) : value
  }
  return result
}

/** An Event about an object that happened once, at `now` (milliseconds since the epoch). */
export function eventAbout(
  object: KubeObject,
  event: {
    readonly name: string
    readonly type: 'Normal' | 'Warning'
    readonly reason: string
    readonly message: string
    readonly component: string
    readonly now: number
    readonly annotations?: Readonly<Record<string, string>>
  },
): KubeObject {
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata
  const { type, reason, message, component, annotations = {} } = event
  const time = timestamp(event.now)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: event.name,
      namespace,
      ...(Object.keys(annotations).length > 0 ? { annotations: { ...annotations } } : {}),
    },
    involvedObject: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
    type,
    reason,
    message,
    source: { component },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}
