import { parseDuration } from '../../core/duration.ts'

/** A flag that the program does not know or cannot read. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export type Flags = {
  readonly logLevel: string
  readonly watchAllNamespaces: boolean
  readonly concurrent: number
  readonly requeueDependency: number
  readonly minRetryDelay: number
  readonly maxRetryDelay: number
  readonly noCrossNamespaceRefs: boolean
  readonly httpRetry: number
  readonly storageAdvAddr: string | undefined
  /** Field managers whose changes kustomize-controller undoes, beside those of kubectl. */
  readonly overrideManagers: readonly string[]
  /** What the log has to say about flags that make no difference here. */
  readonly notes: readonly string[]
}

type Draft = { -readonly [Key in keyof Flags]: Flags[Key] }

const LOG_LEVELS = ['trace', 'debug', 'info', 'error']

const boolean = (name: string, value: string): boolean => {
  if (value === 'true' || value === 'false') return value === 'true'
  throw new FlagError(`invalid argument "${value}" for "--${name}" flag: parse error`)
}

const duration = (name: string, value: string): number => {
  try {
    return parseDuration(value)
  } catch (error) {
    throw new FlagError(`invalid argument "${value}" for "--${name}" flag: ${(error as Error).message}`)
  }
}

const count = (name: string, value: string): number => {
  if (/^\d+$/.test(value) && Number(value) > 0) return Number(value)
  throw new FlagError(`invalid argument "${value}" for "--${name}" flag: expected a positive number`)
}

const HANDLERS: Readonly<Record<string, (flags: Draft, value: string, notes: string[]) => void>> = {
  'log-level': (flags, value) => {
    if (!LOG_LEVELS.includes(value)) {
      throw new FlagError(`invalid argument "${value}" for "--log-level" flag: must be one of ${LOG_LEVELS.join(', ')}`)
    }
    flags.logLevel = value
  },
  'log-encoding': (_, value) => {
    if (value !== 'json') throw new FlagError(`--log-encoding=${value} is not supported by this sandbox; use json`)
  },
  'watch-all-namespaces': (flags, value) => {
    flags.watchAllNamespaces = boolean('watch-all-namespaces', value)
  },
  'no-cross-namespace-refs': (flags, value) => {
    flags.noCrossNamespaceRefs = boolean('no-cross-namespace-refs', value)
  },
  concurrent: (flags, value) => {
    flags.concurrent = count('concurrent', value)
  },
  'requeue-dependency': (flags, value) => {
    flags.requeueDependency = duration('requeue-dependency', value)
  },
  'min-retry-delay': (flags, value) => {
    flags.minRetryDelay = duration('min-retry-delay', value)
  },
  'max-retry-delay': (flags, value) => {
    flags.maxRetryDelay = duration('max-retry-delay', value)
  },
  'http-retry': (flags, value) => {
    flags.httpRetry = count('http-retry', value)
  },
  'storage-adv-addr': (flags, value) => {
    flags.storageAdvAddr = value
  },
  'storage-path': (_, value, notes) => notes.push(`artifacts are kept in the container's own folder, not in ${value}`),
  'override-manager': (flags, value) => {
    flags.overrideManagers = [...flags.overrideManagers, ...value.split(',')]
  },
  'enable-leader-election': (_, value, notes) => {
    if (boolean('enable-leader-election', value)) notes.push('leader election is not emulated: this instance leads')
  },
  'events-addr': (_, value, notes) => {
    if (value) notes.push(`there is no notification-controller here: nothing is sent to ${value}`)
  },
}

/** Flags that are complete without a value. */
const SWITCHES = new Set(['watch-all-namespaces', 'no-cross-namespace-refs', 'enable-leader-election'])

/** Reads a controller's arguments, with `$(NAME)` taken from the environment. @throws FlagError */
export function parseFlags(argv: readonly string[], env: ReadonlyMap<string, string>): Flags {
  const notes: string[] = []
  const flags: Draft = {
    logLevel: 'info',
    watchAllNamespaces: true,
    concurrent: 4,
    requeueDependency: 30_000,
    minRetryDelay: 750,
    maxRetryDelay: 900_000,
    noCrossNamespaceRefs: false,
    httpRetry: 9,
    storageAdvAddr: undefined,
    overrideManagers: [],
    notes,
  }
  const args = argv.filter((_, at) => at >= argv.findIndex((arg) => arg.startsWith('--')))
  for (let at = 0; at < args.length; at++) {
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(args[at] as string) ?? []
    const handler = HANDLERS[name]
    if (!handler) {
      if (!args[at]?.startsWith('--')) continue
      throw new FlagError(`--${name} is not supported by this sandbox; remove the flag`)
    }
    const value = inline ?? (SWITCHES.has(name) ? 'true' : (args[++at] ?? ''))
    handler(
      flags,
      value.replace(/\$\((\w+)\)/g, (text, key) => env.get(key) ?? text),
      notes,
    )
  }
  return flags
}
