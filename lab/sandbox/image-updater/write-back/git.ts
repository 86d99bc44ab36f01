import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { authorEnvironment, type GitCredentials, GitError, git } from '../../core/git.ts'
import { kustomizationIn } from '../../core/kustomize.ts'
import type { Logger } from '../logger.ts'
import type { WriteBack } from './config.ts'
import { hostOf } from './credentials.ts'
import { setImages } from './kustomization.ts'
import { sourceFile } from './source-file.ts'

export type GitWork = {
  readonly writeBack: Extract<WriteBack, { method: 'git' }>
  readonly credentials: GitCredentials
  /** Kustomize overrides of the Application, all of them. */
  readonly images: readonly string[]
  readonly message: string
  readonly author: { readonly name: string; readonly email: string }
  /** A folder for the clone. */
  readonly scratch: string
  /** Hosts within reach; any other name has no address in the sandbox. */
  readonly hosts: readonly string[]
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Clones, writes, commits and pushes; does nothing more when the target says it already. @throws Error */
export async function writeToGit(work: GitWork): Promise<void> {
  const root = await mkdtemp(join(work.scratch, 'git-'))
  try {
    const branch = await checkout(work, root)
    const changed =
      work.writeBack.target.type === 'kustomization'
        ? await writeKustomization(work, root, work.writeBack.target.directory)
        : await writeSourceFile(work, root, work.writeBack.target.path)
    if (!changed) {
      work.logger.log('debug', 'target parameter file and marshaled data are the same, skipping commit.')
      return
    }
    await commitAndPush(work, root, branch)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const runGit = (
  { credentials, signal }: GitWork,
  cwd: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<string> => git(args, { cwd, credentials, signal, env })

/** The clone's folder as the container knows it. */
const shown = (root: string): string => `/tmp/${basename(root)}`

/** What the real program says of a git command that failed. */
function failure(args: readonly string[], error: unknown): Error {
  if (!(error instanceof GitError)) return error instanceof Error ? error : new Error(String(error))
  return new Error(`\`git ${args.join(' ')}\` failed exit status ${error.result.code}: ${error.result.stderr.trim()}`)
}

/** Checks out the branch to write to and returns the one to push. */
async function checkout(work: GitWork, root: string): Promise<string> {
  const { repository, branch, pushBranch } = work.writeBack
  const step = async (args: readonly string[]) => {
    try {
      return await runGit(work, root, args)
    } catch (error) {
      throw failure(args, error)
    }
  }
  work.logger.log('info', `Initializing ${repository} to ${shown(root)}`)
  await step(['init', '--quiet'])
  await step(['remote', 'add', 'origin', repository])
  if (!work.hosts.includes(hostOf(repository))) {
    const why = `fatal: unable to access '${repository}/': Could not resolve host: ${new URL(repository).hostname}`
    throw new Error(`\`git fetch origin ${branch || 'HEAD'} --force --prune --depth 1\` failed exit status 128: ${why}`)
  }
  const base = branch || (await defaultBranch(step))
  const target = pushBranch || base
  if (target !== base && (await step(['ls-remote', '--heads', 'origin', target])) !== '') {
    await step(['fetch', 'origin', target, '--force', '--prune', '--depth', '1'])
  } else await step(['fetch', 'origin', base, '--force', '--prune', '--depth', '1'])
  await step(['checkout', '--quiet', '-B', target, 'FETCH_HEAD'])
  return target
}

async function defaultBranch(step: (args: readonly string[]) => Promise<string>): Promise<string> {
  const branch = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(await step(['ls-remote', '--symref', 'origin', 'HEAD']))?.[1]
  if (!branch) throw new Error('failed to find default branch of the repository: it is empty')
  return branch
}

async function writeKustomization({ images }: GitWork, root: string, directory: string): Promise<boolean> {
  const file = kustomizationIn(join(root, directory))
  if (!file) throw new Error(`could not find kustomization in ${join(shown(root), directory)}`)
  const before = await readFile(file, 'utf8')
  const after = setImages(before, images)
  if (after !== before) await writeFile(file, after)
  return after !== before
}

async function writeSourceFile({ images, logger }: GitWork, root: string, path: string): Promise<boolean> {
  const file = join(root, path)
  const before = await readFile(file, 'utf8').catch(() => undefined)
  const after = sourceFile(before, images)
  if (after === before) {
    logger.log('debug', `target parameter file ${path} is up to date`)
    return false
  }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, after)
  return true
}

async function commitAndPush(work: GitWork, root: string, branch: string): Promise<void> {
  const { author, message, logger } = work
  await runGit(work, root, ['add', '--all'])
  await runGit(work, root, ['commit', '--quiet', '--message', message], authorEnvironment(author))
  try {
    await runGit(work, root, ['push', 'origin', branch])
  } catch (error) {
    throw new Error(`could not push ${branch} to origin: ${messageOf(failure(['push', 'origin', branch], error))}`)
  }
  logger.log('info', `git push origin ${branch}`, { dir: shown(root) })
}
