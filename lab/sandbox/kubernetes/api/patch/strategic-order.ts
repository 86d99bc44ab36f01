/** Tells whether two items of a list are the same one: by merge key for maps, by value for scalars. */
export type Identity = (item: unknown) => unknown

const indexIn = (list: readonly unknown[], item: unknown, identity: Identity): number => {
  const id = identity(item)
  return list.findIndex((other) => identity(other) === id)
}

/** Items in the order of another list; those that it lacks come last, as they were. */
function inOrderOf(items: readonly unknown[], order: readonly unknown[], identity: Identity): unknown[] {
  const place = (item: unknown) => {
    const at = indexIn(order, item, identity)
    return at < 0 ? order.length : at
  }
  return items
    .map((item) => ({ item, at: place(item) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

/**
 * The order of a merged list: items of the patch follow the patch, all others the stored list, and the two are
 * interleaved by the stored list where it has both; otherwise the patch's item comes first.
 */
export function interleave(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  storedOrder: readonly unknown[],
  identity: Identity,
): unknown[] {
  const inPatch = (item: unknown) => indexIn(patchOrder, item, identity) >= 0
  const patched = inOrderOf(merged.filter(inPatch), patchOrder, identity)
  const others = inOrderOf(
    merged.filter((item) => !inPatch(item)),
    storedOrder,
    identity,
  )
  const result: unknown[] = []
  while (patched.length > 0 && others.length > 0) {
    const other = indexIn(storedOrder, others[0], identity)
    const own = indexIn(storedOrder, patched[0], identity)
    result.push(other >= 0 && own >= 0 && other < own ? others.shift() : patched.shift())
  }
  return [...result, ...patched, ...others]
}
