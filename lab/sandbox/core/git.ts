import { devNull } from 'node:os'
import { type RunResult, run } from './run.ts'

export type GitCredentials = { readonly username: string; readonly password: string }

/** A git command that failed: `stderr` is what it said. */
export class GitError extends Error {
  override readonly name = 'GitError'

  constructor(
    readonly args: readonly string[],
    readonly result: RunResult,
  ) {
    super(result.stderr.trim() || `git ${args[0]} exited with ${result.code}`)
  }
}

/**
 * The environment of a git that knows nothing of the user's configuration and asks nobody. Credentials go through the
 * environment and a helper that prints them, never through arguments or URLs.
 */
export function gitEnvironment(credentials?: GitCredentials): Record<string, string> {
  const settings: [string, string][] = [
    ['credential.helper', ''],
    ['advice.detachedHead', 'false'],
    ['init.defaultBranch', 'main'],
    ['gc.auto', '0'],
  ]
  if (credentials) {
    settings.push([
      'credential.helper',
      '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$LAB_GIT_USERNAME" "$LAB_GIT_PASSWORD"; }; f',
    ])
  }
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: devNull,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    ...(credentials ? { LAB_GIT_USERNAME: credentials.username, LAB_GIT_PASSWORD: credentials.password } : {}),
  }
}

/** The environment in which somebody is author and committer of a commit, at a time (ISO 8601) or now. */
export const authorEnvironment = (
  { name, email }: { readonly name: string; readonly email: string },
  date?: string,
): Record<string, string> =>
  Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, name],
      [`GIT_${role}_EMAIL`, email],
      ...(date === undefined ? [] : [[`GIT_${role}_DATE`, date]]),
    ]),
  )

/** Runs git and returns its standard output. @throws GitError */
export async function git(
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly credentials?: GitCredentials
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string
    readonly signal?: AbortSignal
  } = {},
): Promise<string> {
  const result = await run('git', args, {
    env: { ...gitEnvironment(options.credentials), ...options.env },
    cwd: options.cwd,
    input: options.input,
    signal: options.signal,
  })
  if (result.code !== 0) throw new GitError(args, result)
  return result.stdout
}
