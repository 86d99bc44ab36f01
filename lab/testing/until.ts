/** Resolves once `condition` holds, asked at each turn of the event loop; rejects after `limit` turns. */
export async function until(condition: () => boolean, limit = 100_000): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn >= limit) throw new Error(`never true: ${condition}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
