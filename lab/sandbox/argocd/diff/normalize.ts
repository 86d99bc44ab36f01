import { isMap, type JsonMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf, withEncodedData } from '../../core/kube-objects.ts'
import { isBuiltInGroup } from './merge-keys.ts'
import { canonicalQuantity } from './quantity.ts'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Maps whose values are resource quantities. */
const QUANTITIES = new Set(['limits', 'requests', 'hard', 'capacity', 'default', 'defaultRequest', 'max', 'min'])

/**
 * An object in the form in which two are compared: without what the server keeps for itself (status, managed fields,
 * versions), with a Secret's `stringData` folded into `data`, quantities in canonical form, and for built-in kinds
 * without empty fields, which their Go types do not write.
 */
export function normalize(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object
  const builtIn = isBuiltInGroup(groupOf(object))
  const result = (builtIn ? tidy(rest, '') : rest) as KubeObject
  result.metadata = normalizeMetadata(object.metadata as unknown as JsonMap) as KubeObject['metadata']
  if (isMap(object['aggregationRule'])) delete result['rules']
  return withEncodedData(result)
}

function normalizeMetadata(metadata: JsonMap): JsonMap {
  const { annotations, labels, name, namespace, finalizers, ownerReferences } = metadata
  const kept = isMap(annotations)
    ? Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED))
    : {}
  return tidy({ name, namespace, labels, annotations: kept, finalizers, ownerReferences }, 'metadata') as JsonMap
}

/** Empty maps and lists and nulls go, except where being empty says something. */
function tidy(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map((item) => tidy(item, field))
  if (!isMap(value)) return value
  const result: JsonMap = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined) continue
    if (Array.isArray(item) && item.length === 0) continue
    if (TEXT.has(key) && isMap(item)) {
      if (Object.keys(item).length > 0) result[key] = item
      continue
    }
    if (isMap(item) && QUANTITIES.has(key) && Object.values(item).every((v) => !isMap(v) && !Array.isArray(v))) {
      const entries = Object.entries(item).map(([name, amount]) => [name, canonicalQuantity(amount)])
      if (entries.length > 0) result[key] = Object.fromEntries(entries)
      continue
    }
    const tidied = key === 'storage' || key === 'sizeLimit' ? canonicalQuantity(item) : tidy(item, key)
    if (isMap(tidied) && Object.keys(tidied).length === 0 && !MEANINGFUL_WHEN_EMPTY.has(key)) continue
    result[key] = tidied
  }
  return result
}

/** Maps of text, in which nothing has a meaning. */
const TEXT = new Set(['data', 'stringData', 'binaryData', 'labels', 'annotations', 'matchLabels', 'nodeSelector'])

/** `emptyDir: {}` and the like choose a variant, a selector that is empty selects everything. */
const MEANINGFUL_WHEN_EMPTY = new Set(['emptyDir', 'podSelector', 'namespaceSelector', 'selector', 'labelSelector'])
