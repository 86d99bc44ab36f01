import { equalJson, isMap, type JsonMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf } from '../../core/kube-objects.ts'
import { annotation } from '../json.ts'
import { isBuiltInGroup, mergeKeyOf } from './merge-keys.ts'
import { LAST_APPLIED, normalize } from './normalize.ts'
import { isZero, threeWayMerge } from './three-way.ts'

export type DiffResult = {
  readonly modified: boolean
  readonly normalizedLive: KubeObject
  /** What live would become: equal to `normalizedLive` when nothing differs. */
  readonly predictedLive: KubeObject
}

/**
 * Compares an object with what Git wants of it. What only the cluster has is no difference, unless kubectl's
 * last-applied annotation says that it was applied before and has gone from Git since.
 */
export function diff(target: KubeObject, live: KubeObject): DiffResult {
  const [wanted, normalizedLive] = [normalize(target), normalize(live)]
  const applied = lastApplied(live)
  const original = applied ? normalize(applied) : wanted
  const builtIn = isBuiltInGroup(groupOf(live))
  const merged = threeWayMerge(
    original as unknown as JsonMap,
    wanted as unknown as JsonMap,
    normalizedLive as unknown as JsonMap,
    {
      mergeKey: (path) => (builtIn ? mergeKeyOf(live.kind, path) : undefined),
      ...(builtIn ? { replace: withDefaults, omitEmpty: true } : {}),
    },
  )
  const predictedLive = normalize({ ...merged, apiVersion: live.apiVersion } as KubeObject)
  return { modified: !equalJson(normalizedLive, predictedLive), normalizedLive, predictedLive }
}

/** What kubectl or Argo CD applied last, as its annotation remembers it. */
export function lastApplied(live: KubeObject): KubeObject | undefined {
  try {
    const value: unknown = JSON.parse(annotation(live, LAST_APPLIED) ?? '')
    return isMap(value) && isMap(value['metadata']) ? (value as KubeObject) : undefined
  } catch {
    return undefined
  }
}

/** Fields that the API server fills in inside lists that have no merge key. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  protocol: 'TCP',
  apiGroup: 'rbac.authorization.k8s.io',
  scheme: 'HTTP',
  scope: '*',
  expirationSeconds: 3600,
  volumeMode: 'Filesystem',
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  status: { phase: 'Pending' },
}

function withDefaults(modified: readonly unknown[], current: readonly unknown[]): unknown[] {
  if (modified.length !== current.length) return [...modified]
  return modified.map((item, at) => overlay(item, current[at]))
}

function overlay(wanted: unknown, live: unknown): unknown {
  if (Array.isArray(wanted) && Array.isArray(live)) return withDefaults(wanted, live)
  if (!isMap(wanted) || !isMap(live)) return wanted
  const defaulted = Object.entries(live).filter(([key, value]) => !(key in wanted) && equalJson(DEFAULTS[key], value))
  const result: JsonMap = { ...Object.fromEntries(defaulted) }
  for (const [key, value] of Object.entries(wanted))
    if (key in live || !isZero(value)) result[key] = overlay(value, live[key])
  return result
}
