import * as stepModule from '../step.ts'
import type { Problem } from './problem.ts'

/** However a course names the module, it gets the one of the running program. */
const STEP_MODULE = Object.fromEntries(
  ['gitops-lab/step', ...['../', '../../', '../../../'].map((up) => `${up}lab/step.ts`)].map((id) => [id, stepModule]),
)

export type Loaded = { readonly exported: unknown } | { readonly problem: Problem }

/** How long a file may take to load, in milliseconds: it may wait for ever at its top level. */
const LIMIT = 10_000

/** The default export of a TypeScript file of a course, loaded without a compiler. `named` is how messages name it. */
export async function loadModule(path: string, named: string, limit = LIMIT): Promise<Loaded> {
  const { createJiti } = await import('jiti/static')
  const jiti = createJiti(path, { virtualModules: STEP_MODULE, fsCache: false, interopDefault: false })
  try {
    return { exported: (await within(limit, jiti.import<{ default?: unknown }>(path))).default }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { problem: { file: named, line: lineIn(error, path), message: (message.split('\n')[0] ?? '').trim() } }
  }
}

async function within<T>(ms: number, loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`does not load within ${ms / 1000} s: what does it wait for at its top level?`)
    timer = setTimeout(() => reject(error), ms)
  })
  return Promise.race([loading, late]).finally(() => clearTimeout(timer))
}

/** The line of `path` that an error speaks of: a parser's `loc`, else the first of the stack. */
function lineIn(error: unknown, path: string): number {
  const { loc, stack } = error as { loc?: { line?: number }; stack?: string }
  const at = stack?.split(`${path}:`)[1]
  return loc?.line ?? (Number.parseInt(at ?? '', 10) || 1)
}
