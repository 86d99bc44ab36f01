import type { Check } from '../engine/course.ts'
import * as stepModule from '../step.ts'
import type { Problem } from './problem.ts'

/** However a step names the module, it gets the one of the running program. */
const STEP_MODULE = Object.fromEntries(
  ['gitops-lab/step', ...['../', '../../', '../../../'].map((up) => `${up}lab/step.ts`)].map((id) => [id, stepModule]),
)

/** Loads a `checks.ts`. `named` is how messages name it. What it exports is examined, since anybody can write one. */
export async function loadChecks(
  path: string,
  named: string,
): Promise<{ readonly checks: Readonly<Record<string, readonly Check[]>>; readonly problems: readonly Problem[] }> {
  const failed = (message: string, line = 1) => ({ checks: {}, problems: [{ file: named, line, message }] })
  const { createJiti } = await import('jiti/static')
  const jiti = createJiti(path, { virtualModules: STEP_MODULE, fsCache: false, interopDefault: false })
  let loaded: unknown
  try {
    loaded = (await jiti.import<{ default?: unknown }>(path)).default
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return failed((message.split('\n')[0] ?? '').trim(), lineIn(error, path))
  }
  if (typeof loaded !== 'object' || loaded === null)
    return failed('exports no checks: `export default defineChecks({ … })`')
  const wrong = Object.entries(loaded).find(([, list]) => !Array.isArray(list) || !list.every(isCheck))
  if (wrong) return failed(`"${wrong[0]}" is no list of checks: [check('what is true', async (lab) => …)]`)
  return { checks: loaded as Record<string, readonly Check[]>, problems: [] }
}

const isCheck = (value: unknown): value is Check =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Check).name === 'string' &&
  typeof (value as Check).run === 'function' &&
  ['level', 'seen'].includes((value as Check).mode)

/** The line of `path` that an error speaks of: a parser's `loc`, else the first of the stack. */
function lineIn(error: unknown, path: string): number {
  const { loc, stack } = error as { loc?: { line?: number }; stack?: string }
  const at = stack?.split(`${path}:`)[1]
  return loc?.line ?? (Number.parseInt(at ?? '', 10) || 1)
}
