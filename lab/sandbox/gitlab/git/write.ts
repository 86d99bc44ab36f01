import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiError } from '../../core/errors.ts'
import { git } from '../../core/git.ts'
import { NO_COMMIT, type RefChange } from '../entities.ts'
import { gitBytes } from './bytes.ts'
import type { Repository } from './repository.ts'

export type CommitAction = {
  readonly action: 'create' | 'update' | 'delete' | 'move' | 'chmod'
  readonly file_path: string
  readonly previous_path?: string
  readonly content?: Buffer
  readonly execute_filemode?: boolean
}

export type NewCommit = {
  readonly branch: string
  /** The commit to build on; undefined makes a first commit. */
  readonly parent: string | undefined
  readonly message: string
  readonly actions: readonly CommitAction[]
  readonly author: { readonly name: string; readonly email: string }
  readonly committer: { readonly name: string; readonly email: string }
  /** ISO 8601 */
  readonly date: string
  /** Move the branch even when its tip is not `parent`. */
  readonly force?: boolean
}

/** Makes a commit and moves its branch there; what the branch was before tells what changed. @throws ApiError 400 */
export async function createCommit(repository: Repository, commit: NewCommit): Promise<RefChange> {
  const scratch = await mkdtemp(join(tmpdir(), 'gitops-lab-commit-'))
  const inIndex = { env: { GIT_INDEX_FILE: join(scratch, 'index'), GIT_DIR: repository.directory } }
  try {
    if (commit.parent) await git(['read-tree', commit.parent], inIndex)
    for (const action of commit.actions) await applyAction(repository, action, inIndex)
    const tree = (await git(['write-tree'], inIndex)).trim()
    const author = {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_AUTHOR_DATE: commit.date,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
      GIT_COMMITTER_DATE: commit.date,
    }
    const sha = (
      await git(['commit-tree', tree, ...(commit.parent ? ['-p', commit.parent] : [])], {
        env: { ...inIndex.env, ...author },
        input: commit.message,
      })
    ).trim()
    const before = (await repository.branch(commit.branch)) ?? NO_COMMIT
    if (before !== (commit.parent ?? NO_COMMIT) && before !== NO_COMMIT && !commit.force) {
      throw new ApiError(
        400,
        `A branch called '${commit.branch}' already exists. Switch to that branch in order to make changes`,
      )
    }
    await repository.git('update-ref', `refs/heads/${commit.branch}`, sha, before)
    return { ref: `refs/heads/${commit.branch}`, before, after: sha }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

type IndexEnvironment = { readonly env: { readonly GIT_INDEX_FILE: string; readonly GIT_DIR: string } }

async function applyAction(repository: Repository, action: CommitAction, inIndex: IndexEnvironment): Promise<void> {
  const entryOf = async (path: string) => {
    const [, mode, id] = /^(\d+) ([0-9a-f]+) 0\t/.exec(await git(['ls-files', '-s', '-z', '--', path], inIndex)) ?? []
    return mode && id ? { mode, id } : undefined
  }
  const set = (path: string, mode: string, id: string) =>
    git(['update-index', '--add', '--cacheinfo', `${mode},${id},${path}`], inIndex)
  const remove = (path: string) => git(['update-index', '--force-remove', '--', path], inIndex)
  const write = async (content: Buffer) =>
    (await gitBytes(repository.directory, ['hash-object', '-w', '--stdin'], { input: content })).toString().trim()

  checkPath(action.file_path)
  const present = await entryOf(action.file_path)
  const absent = () => new ApiError(400, "A file with this name doesn't exist")
  switch (action.action) {
    case 'create': {
      if (present) throw new ApiError(400, 'A file with this name already exists')
      await set(
        action.file_path,
        action.execute_filemode ? '100755' : '100644',
        await write(action.content ?? Buffer.alloc(0)),
      )
      return
    }
    case 'update': {
      if (!present) throw absent()
      await set(action.file_path, present.mode, await write(action.content ?? Buffer.alloc(0)))
      return
    }
    case 'delete': {
      if (!present) throw absent()
      await remove(action.file_path)
      return
    }
    case 'chmod': {
      if (!present) throw absent()
      await set(action.file_path, action.execute_filemode ? '100755' : '100644', present.id)
      return
    }
    case 'move': {
      const previous = action.previous_path === undefined ? undefined : await entryOf(action.previous_path)
      if (!previous || action.previous_path === undefined) throw absent()
      if (present) throw new ApiError(400, 'A file with this name already exists')
      await remove(action.previous_path)
      await set(action.file_path, previous.mode, action.content ? await write(action.content) : previous.id)
    }
  }
}

function checkPath(path: string): void {
  const parts = path.split('/')
  if (path === '' || parts.some((part) => part === '..' || part === '.')) {
    throw new ApiError(400, 'Path cannot include directory traversal')
  }
  if (parts.includes('.git') || parts.includes('')) throw new ApiError(400, `invalid path: '${path}'`)
}
