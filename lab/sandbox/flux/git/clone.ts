import { mkdirSync } from 'node:fs'
import { GitError, git } from '../../core/git.ts'
import { listRefs, type Refs, RemoteError, type RemoteRepository, reachable } from '../../core/git-remote.ts'
import { type Commit, type GitReference, revisionOf, type Target, targetOf } from './reference.ts'

export type CloneOptions = {
  /** Made by the clone; holds the files of the commit afterwards. */
  readonly directory: string
  /** The revision that is known already: when it is still the newest, nothing is fetched. */
  readonly lastObserved?: string
}

/**
 * Fetches what a reference means into a directory; undefined when the repository is empty.
 * @throws RemoteError in go-git's words
 */
export async function clone(
  repository: RemoteRepository,
  reference: GitReference,
  options: CloneOptions,
): Promise<Commit | undefined> {
  const { url } = repository
  const optimized = options.lastObserved !== undefined && !reference.commit && !reference.semver
  const refs = await within(optimized || reference.name ? 'list remote for' : 'clone', url, () => listRefs(repository))
  if (refs.size === 0) {
    if (reference.commit || reference.name || reference.semver || reference.tag) {
      throw new RemoteError(`unable to clone: remote repository is empty: git repository: '${url}'`)
    }
    return undefined
  }
  const target = targetOf(reference, refs)
  if (target.kind === 'missing') {
    throw new RemoteError(
      target.message.startsWith("couldn't") ? `unable to clone '${url}': ${target.message}` : target.message,
    )
  }
  const known: Commit | undefined =
    target.kind === 'reference' ? { sha: target.sha, reference: target.reference } : undefined
  if (known && optimized && revisionOf(reference, known) === options.lastObserved) return known
  return fetchTarget(repository, target, refs, options.directory)
}

async function fetchTarget(
  repository: RemoteRepository,
  target: Exclude<Target, { kind: 'missing' }>,
  refs: Refs,
  directory: string,
): Promise<Commit> {
  const { url, signal } = repository
  mkdirSync(directory, { recursive: true })
  await git(['init', '-q'], { cwd: directory, signal })
  if (target.kind === 'reference') {
    await gitRemote(repository, ['fetch', '-q', '--depth=1', '--no-tags', REMOTE, target.reference], directory)
    const sha = (await git(['rev-parse', 'FETCH_HEAD^{commit}'], { cwd: directory, signal })).trim()
    return checkOut(repository, directory, sha, target.reference)
  }
  const branch = target.branch && `refs/heads/${target.branch}`
  if (branch && !refs.has(branch))
    throw new RemoteError(`unable to clone '${url}': couldn't find remote ref "${branch}"`)
  await gitRemote(
    repository,
    ['fetch', '-q', '--no-tags', REMOTE, branch ?? '+refs/heads/*:refs/remotes/origin/*'],
    directory,
  )
  try {
    await git(['cat-file', '-e', `${target.sha}^{commit}`], { cwd: directory, signal })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw new RemoteError(`unable to resolve commit object for '${target.sha}': object not found`)
  }
  return checkOut(repository, directory, target.sha, branch)
}

async function checkOut(
  { signal }: RemoteRepository,
  directory: string,
  sha: string,
  reference: string | undefined,
): Promise<Commit> {
  await git(['checkout', '-q', '--detach', sha], { cwd: directory, signal })
  const message = await git(['log', '-1', '--format=%B'], { cwd: directory, signal })
  return { sha, reference, message }
}

/** Stands for the repository's URL in the arguments of `gitRemote`. */
export const REMOTE = '<remote>'

/** Runs a git command that talks to the repository, by the address that its name has in the sandbox. */
export async function gitRemote(repository: RemoteRepository, args: readonly string[], cwd: string): Promise<string> {
  const { url, auth, names, signal } = repository
  const remote = await reachable(names, url)
  const env: Record<string, string> = {}
  const configured = [...remote.config]
  if (auth.bearerToken !== undefined) {
    // Through the environment, because arguments can be seen by every process.
    env['LAB_GIT_HEADER'] = `Authorization: Bearer ${auth.bearerToken}`
    configured.push('--config-env=http.extraHeader=LAB_GIT_HEADER')
  }
  try {
    return await git([...configured, ...args.map((arg) => (arg === REMOTE ? remote.url : arg))], {
      cwd,
      credentials: auth.basic,
      env,
      signal,
    })
  } catch (error) {
    if (signal?.aborted) throw new RemoteError('context deadline exceeded')
    if (error instanceof GitError)
      throw new RemoteError(`unable to clone '${url}': ${lastLine(error.message)}`, error.message)
    throw error
  }
}

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').replace(/^(fatal|error): /, '')

async function within<T>(doing: string, url: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof RemoteError) throw new RemoteError(`unable to ${doing} '${url}': ${error.message.trimEnd()}`)
    throw error
  }
}
