import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { git } from '../../core/git.ts'
import { NO_COMMIT } from '../entities.ts'
import type { Repository } from '../git/repository.ts'

/**
 * Checks out a commit for looking at it: shares the objects of the repository. `origin/main` is where the push began,
 * which is what gitlab-ci-local compares with for `rules:changes`.
 */
export async function checkOutToRead(
  repository: Repository,
  sha: string,
  folder: string,
  before: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await git(['init', '--quiet', '--initial-branch=main', folder])
  writeFileSync(join(folder, '.git', 'objects', 'info', 'alternates'), `${join(repository.directory, 'objects')}\n`)
  const at = { cwd: folder }
  await git(['checkout', '--quiet', '--detach', sha], at)
  if (before !== NO_COMMIT && (await repository.resolve(before))) {
    await git(['update-ref', 'refs/remotes/origin/main', before], at)
  }
}

/**
 * Checks out a commit for a job: a repository of its own with a shallow history, whose `origin` is the address that
 * everybody uses. A push or fetch in the job takes the job's token from CI_JOB_TOKEN; it is written nowhere.
 */
export async function checkOutForJob(
  repository: Repository,
  options: { sha: string; folder: string; url: string; depth: number; ref: string; tag: boolean },
): Promise<void> {
  const { folder } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const at = { cwd: folder }
  await git(['init', '--quiet', `--initial-branch=main`, folder])
  const depth = options.depth > 0 ? [`--depth=${options.depth}`] : []
  const local = pathToFileURL(repository.directory).href
  const target = options.tag ? `refs/tags/${options.ref}` : `refs/remotes/origin/${options.ref}`
  await git(['fetch', '--quiet', '--no-tags', ...depth, local, `+${options.sha}:${target}`], at)
  await git(['remote', 'add', 'origin', options.url], at)
  const helper = '!f() { test "$1" = get && printf "username=gitlab-ci-token\\npassword=%s\\n" "$CI_JOB_TOKEN"; }; f'
  await git(['config', `credential.${new URL(options.url).origin}.helper`, helper], at)
  await git(['checkout', '--quiet', '--force', '--detach', options.sha], at)
}
