import { parseDuration } from '../core/duration.ts'
import { type Level, levelOf } from './logger.ts'

export type Settings = {
  readonly level: Level
  /** Milliseconds between two checks of an ImageUpdater. */
  readonly interval: number
  /** Namespaces whose ImageUpdaters are watched; empty for all. */
  readonly namespaces: readonly string[]
  readonly gitUser: string
  readonly gitEmail: string
}

const DEFAULT_INTERVAL = '2m'

/**
 * Settings from the command line and the environment, where the Deployment puts the keys of the ConfigMap.
 * @throws Error for a flag or value that is not understood
 */
export function readSettings(
  argv: readonly string[],
  env: ReadonlyMap<string, string>,
  ownNamespace: string,
): Settings {
  const flags = flagsOf(argv)
  const value = (flag: string, variable: string) => flags.get(flag) ?? (env.get(variable) || undefined)
  const namespaces = value('watch-namespaces', 'IMAGE_UPDATER_WATCH_NAMESPACES')
  return {
    level: levelOf(value('loglevel', 'IMAGE_UPDATER_LOGLEVEL')),
    interval: parseDuration(value('interval', 'IMAGE_UPDATER_INTERVAL') ?? DEFAULT_INTERVAL),
    namespaces: namespaces === '*' ? [] : (namespaces ?? ownNamespace).split(',').map((name) => name.trim()),
    gitUser: value('git-commit-user', 'GIT_COMMIT_USER') ?? 'argocd-image-updater',
    gitEmail: value('git-commit-email', 'GIT_COMMIT_EMAIL') ?? 'noreply@argoproj.io',
  }
}

const FLAGS = ['loglevel', 'interval', 'watch-namespaces', 'git-commit-user', 'git-commit-email']

function flagsOf(argv: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>()
  const words = [...argv]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? []
    if (!FLAGS.includes(name))
      throw new Error(`unknown flag: ${word} (supported here: ${FLAGS.map((flag) => `--${flag}`).join(', ')})`)
    const value = inline ?? words.shift()
    if (value === undefined) throw new Error(`flag needs an argument: --${name}`)
    flags.set(name, value)
  }
  return flags
}
