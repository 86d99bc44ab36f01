import { equalJson, isMap, type JsonMap } from '../../core/json.ts'

export type MergeRules = {
  /** See `mergeKeyOf`. */
  readonly mergeKey: (path: readonly string[]) => string | undefined
  /** What becomes of a list that is replaced as a whole; the modified one by default. */
  readonly replace?: (modified: readonly unknown[], current: readonly unknown[]) => unknown[]
  /** Leave out `false`, `0` and `''` where `current` has nothing, as Go's `omitempty` does. */
  readonly omitEmpty?: boolean
}

export const isZero = (value: unknown): boolean => value === false || value === 0 || value === ''

/**
 * What `current` becomes when the changes from `original` to `modified` are merged into it, as `kubectl apply` does:
 * what `modified` says is set, what only `original` said is removed, everything else stays.
 */
export function threeWayMerge(
  original: JsonMap,
  modified: JsonMap,
  current: JsonMap,
  rules: MergeRules,
  path: readonly string[] = [],
): JsonMap {
  const result: JsonMap = { ...current }
  for (const key of Object.keys(original)) if (!(key in modified)) delete result[key]
  for (const [key, value] of Object.entries(modified)) {
    const below = [...path, key]
    const [before, now] = [original[key], current[key]]
    if (value === null) delete result[key]
    else if (isMap(value)) {
      result[key] = threeWayMerge(isMap(before) ? before : {}, value, isMap(now) ? now : {}, rules, below)
    } else if (Array.isArray(value) && Array.isArray(now)) {
      result[key] = mergeList(Array.isArray(before) ? before : [], value, now, rules, below)
    } else if (!(rules.omitEmpty && now === undefined && isZero(value))) result[key] = value
  }
  return result
}

function mergeList(
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
  rules: MergeRules,
  path: readonly string[],
): unknown[] {
  const key = rules.mergeKey(path)
  if (key === 'scalars') {
    const kept = current.filter((item) => modified.includes(item) || !original.includes(item))
    return [...kept, ...modified.filter((item) => !kept.includes(item))]
  }
  const items = [...modified, ...original, ...current]
  if (key === undefined || !items.every((item) => isMap(item) && item[key] !== undefined))
    return rules.replace?.(modified, current) ?? [...modified]
  return mergeByKey(key, original as JsonMap[], modified as JsonMap[], current as JsonMap[], rules, path)
}

/** Items that only the server has keep their place; the others come in the order of `modified`. */
function mergeByKey(
  key: string,
  original: readonly JsonMap[],
  modified: readonly JsonMap[],
  current: readonly JsonMap[],
  rules: MergeRules,
  path: readonly string[],
): JsonMap[] {
  const find = (list: readonly JsonMap[], item: JsonMap) => list.find((other) => equalJson(other[key], item[key]))
  const merged = modified.map((item) => {
    const now = find(current, item)
    return now ? threeWayMerge(find(original, item) ?? {}, item, now, rules, path) : item
  })
  const kept = current.filter((item) => find(modified, item) || !find(original, item))
  const known = merged.filter((item) => find(current, item))
  const result = kept.map((item) => (find(modified, item) ? (known.shift() as JsonMap) : item))
  for (const [at, item] of merged.entries()) {
    if (find(current, item)) continue
    const before = merged[at - 1]
    const place = before ? result.findIndex((other) => equalJson(other[key], before[key])) + 1 : result.length
    result.splice(place, 0, item)
  }
  return result
}
