import { authorEnvironment, git } from '../../core/git.ts'
import { listRefs, RemoteError, type RemoteRepository } from '../../core/git-remote.ts'
import { timestamp } from '../../core/kube-objects.ts'
import { gitRemote, REMOTE } from '../git/clone.ts'

export type Author = { readonly name?: string; readonly email: string }

/** Commits everything that changed in a working copy and returns the commit; undefined when nothing did. */
export async function commitAll(
  directory: string,
  options: { readonly author: Author; readonly message: string; readonly now: number; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { author, message, now, signal } = options
  await git(['add', '--all'], { cwd: directory, signal })
  if ((await git(['status', '--porcelain'], { cwd: directory, signal })).trim() === '') return undefined
  // git insists on a name, go-git does not.
  const env = authorEnvironment({ name: author.name || author.email, email: author.email }, timestamp(now))
  await git(['commit', '-q', '--no-verify', '--cleanup=verbatim', '-F', '-'], {
    cwd: directory,
    env,
    input: message,
    signal,
  })
  return (await git(['rev-parse', 'HEAD'], { cwd: directory, signal })).trim()
}

export type PushOptions = {
  /** `HEAD:refs/heads/main` */
  readonly refspec: string
  readonly force: boolean
  readonly options: Readonly<Record<string, string>>
}

/** Pushes from a working copy. @throws RemoteError in go-git's words */
export async function push(repository: RemoteRepository, directory: string, { refspec, force, options }: PushOptions) {
  const failed = (why: string) => new RemoteError(`failed to push to remote: ${why.trimEnd()}`)
  try {
    await listRefs(repository, 'git-receive-pack')
  } catch (error) {
    throw error instanceof RemoteError ? failed(error.message) : error
  }
  const pushOptions = Object.entries(options).flatMap(([key, value]) => ['-o', value ? `${key}=${value}` : key])
  const args = ['push', '-q', ...(force ? ['--force'] : []), ...pushOptions, REMOTE, refspec]
  try {
    await gitRemote(repository, args, directory)
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    throw failed(rejection(error.detail ?? error.message, refspec))
  }
}

/** Why a server refused a reference, from what git printed. */
function rejection(output: string, refspec: string): string {
  const target = refspec.split(':').at(-1)
  if (/non-fast-forward|fetch first|stale info/.test(output)) return `non-fast-forward update: ${target}`
  const [, reason] = /\[remote rejected\].*\(([^)]*)\)/.exec(output) ?? []
  return reason === undefined ? (output.trim().split('\n').at(-1) ?? '') : `command error on ${target}: ${reason}`
}
