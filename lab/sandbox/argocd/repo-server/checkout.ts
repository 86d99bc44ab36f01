import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { GitError, git } from '../../core/git.ts'
import { reachable } from '../../core/git-remote.ts'
import { timestamp } from '../../core/kube-objects.ts'
import type { Names } from '../../core/names.ts'
import { type Repository, type RevisionMetadata, RpcError } from './protocol.ts'

/** How many checked-out commits of one repository are kept. */
const KEPT_TREES = 4

/** Clones of repositories below a folder, and checked-out commits of them. */
export class Checkouts {
  private readonly queues = new Map<string, Promise<unknown>>()
  private readonly trees = new Map<string, string[]>()
  private readonly folder: string

  constructor(
    folder: string,
    private readonly names: Names,
  ) {
    mkdirSync(folder, { recursive: true })
    this.folder = realpathSync(folder)
  }

  /** A folder with the files of a commit: to be read only. @throws RpcError */
  checkout(repository: Repository, commit: string, signal: AbortSignal): Promise<{ root: string; commit: string }> {
    return this.inTurn(repository, async (clone) => {
      const full = await this.fetchCommit(repository, clone, commit, signal)
      const root = join(clone, 'trees', full)
      if (!existsSync(root)) {
        mkdirSync(root, { recursive: true })
        const env = { GIT_DIR: join(clone, 'git'), GIT_WORK_TREE: root, GIT_INDEX_FILE: join(clone, `index-${full}`) }
        await git(['checkout', '--force', full, '--', '.'], { cwd: root, env, signal }).catch((error: unknown) => {
          // A commit without files has nothing that `.` could match.
          if (!/pathspec/.test((error as Error).message)) throw error
        })
        rmSync(env.GIT_INDEX_FILE, { force: true })
        refuseOutsideLinks(root)
      }
      this.forgetOldTrees(clone, full)
      return { root, commit: full }
    })
  }

  metadata(repository: Repository, commit: string, signal: AbortSignal): Promise<RevisionMetadata> {
    return this.inTurn(repository, async (clone) => {
      const full = await this.fetchCommit(repository, clone, commit, signal)
      const text = await git(['show', '-s', '--format=%an <%ae>%n%ct%n%B', full], { cwd: join(clone, 'git'), signal })
      const [author = '', seconds = '0', ...message] = text.split('\n')
      return { author, date: timestamp(Number(seconds) * 1000), message: message.join('\n').trim() }
    })
  }

  private async fetchCommit(repository: Repository, clone: string, commit: string, signal: AbortSignal) {
    const cwd = join(clone, 'git')
    if (!existsSync(cwd)) {
      mkdirSync(clone, { recursive: true })
      await git(['init', '--quiet', '--bare', cwd], { cwd: clone, signal })
    }
    const known = () =>
      git(['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], { cwd, signal }).then(
        (text) => text.trim(),
        () => undefined,
      )
    const here = await known()
    if (here) return here
    const { url, config } = await reachable(this.names, repository.url)
    const options = { cwd, signal, credentials: repository.credentials }
    try {
      await git(
        [...config, 'fetch', '--quiet', url, '+refs/heads/*:refs/remotes/origin/*', '--tags', '--force'],
        options,
      )
      const fetched = await known()
      if (fetched) return fetched
      await git([...config, 'fetch', '--quiet', url, commit, '--force'], options)
      return (await known()) ?? commit
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      const text = error.result.stderr.trim().replaceAll(url, repository.url)
      const command = `\`git fetch origin ${commit} --tags --force --prune\``
      const detail = `Failed to checkout revision ${commit}: ${command} failed exit status ${error.result.code}: ${text}`
      const inner = new RpcError('Internal', detail)
      throw new RpcError('Unknown', `failed to initialize repository resources: ${inner.describe()}`)
    }
  }

  private inTurn<T>(repository: Repository, work: (clone: string) => Promise<T>): Promise<T> {
    const clone = join(this.folder, createHash('sha256').update(repository.url).digest('hex').slice(0, 16))
    const turn = (this.queues.get(clone) ?? Promise.resolve()).then(() => work(clone))
    this.queues.set(
      clone,
      turn.catch(() => {}),
    )
    return turn
  }

  private forgetOldTrees(clone: string, commit: string): void {
    const kept = [...(this.trees.get(clone) ?? []).filter((other) => other !== commit), commit]
    for (const old of kept.splice(0, Math.max(0, kept.length - KEPT_TREES)))
      rmSync(join(clone, 'trees', old), { recursive: true, force: true })
    this.trees.set(clone, kept)
  }
}

/** A link that leads out of the repository could show files of this machine. @throws RpcError */
function refuseOutsideLinks(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, entry)
    if (!lstatSync(path).isSymbolicLink()) continue
    const target = relative(root, resolve(dirname(path), readlinkSync(path)))
    if (!target.startsWith('..') && !target.startsWith('/')) continue
    rmSync(root, { recursive: true, force: true })
    throw new RpcError('Unknown', `repository contains out-of-bounds symlinks. file: ${entry}`)
  }
}
