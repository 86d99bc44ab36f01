import type { Check } from '../engine/course.ts'
import { loadModule } from './module.ts'
import type { Problem } from './problem.ts'

/** Loads a `checks.ts`. `named` is how messages name it. What it exports is examined, since anybody can write one. */
export async function loadChecks(
  path: string,
  named: string,
): Promise<{ readonly checks: Readonly<Record<string, readonly Check[]>>; readonly problems: readonly Problem[] }> {
  const failed = (problem: Problem) => ({ checks: {}, problems: [problem] })
  const loaded = await loadModule(path, named)
  if ('problem' in loaded) return failed(loaded.problem)
  const { exported } = loaded
  if (typeof exported !== 'object' || exported === null)
    return failed({ file: named, line: 1, message: 'exports no checks: `export default defineChecks({ … })`' })
  const wrong = Object.entries(exported).find(([, list]) => !Array.isArray(list) || !list.every(isCheck))
  if (wrong) {
    const message = `"${wrong[0]}" is no list of checks: [check('what is true', async (lab) => …)]`
    return failed({ file: named, line: 1, message })
  }
  return { checks: exported as Record<string, readonly Check[]>, problems: [] }
}

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Check).name === 'string' &&
  typeof (value as Check).run === 'function' &&
  ['level', 'seen'].includes((value as Check).mode)
