import type { ReadChain } from '../engine/chain.ts'
import { loadModule } from './module.ts'
import type { Problem } from './problem.ts'

/** Loads a `chain.ts`. `named` is how messages name it. */
export async function loadChain(
  path: string,
  named: string,
): Promise<{ readonly chain?: ReadChain; readonly problems: readonly Problem[] }> {
  const loaded = await loadModule(path, named)
  if ('problem' in loaded) return { problems: [loaded.problem] }
  if (typeof loaded.exported === 'function') return { chain: loaded.exported as ReadChain, problems: [] }
  const message = 'exports no chain: `export default defineChain(async (lab) => ({ links: [ … ] }))`'
  return { problems: [{ file: named, line: 1, message }] }
}
