import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GitError, git } from '../../core/git.ts'
import { remembered } from './answers.ts'
import { gitBytes } from './bytes.ts'

export type Commit = {
  readonly sha: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}
export type Signature = { readonly name: string; readonly email: string; readonly date: string }
export type Ref = { readonly name: string; readonly sha: string }
export type TreeEntry = {
  readonly id: string
  readonly name: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly path: string
  readonly mode: string
  readonly size: number | null
}
export type FileChange = {
  readonly old_path: string
  readonly new_path: string
  readonly a_mode: string
  readonly b_mode: string
  readonly new_file: boolean
  readonly renamed_file: boolean
  readonly deleted_file: boolean
  readonly diff: string
}

const COMMIT_FORMAT = '%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01'

const parseCommits = (output: string): Commit[] =>
  output
    .split('\0\x01')
    .slice(0, -1)
    .map((record) => {
      const [sha = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] = record
        .replace(/^\n/, '')
        .split('\0')
      return {
        sha,
        parents: parents.split(' ').filter(Boolean),
        author: { name: an, email: ae, date: ad },
        committer: { name: cn, email: ce, date: cd },
        message: message.endsWith('\n\n') ? message.slice(0, -1) : message,
      }
    })

/** A bare repository, read through git. Names that do not exist read as undefined. */
export class Repository {
  constructor(readonly directory: string) {}

  static at(folder: string, id: number): Repository {
    return new Repository(join(folder, `${id}.git`))
  }

  get exists(): boolean {
    return existsSync(join(this.directory, 'HEAD'))
  }

  async init(defaultBranch: string): Promise<void> {
    await git(['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, this.directory])
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  setHead(branch: string): Promise<string> {
    return this.git('symbolic-ref', 'HEAD', `refs/heads/${branch}`)
  }

  refs(kind: 'heads' | 'tags'): Promise<Ref[]> {
    return this.read('for-each-ref', '--format=%(objectname)%00%(*objectname)%00%(refname)', `refs/${kind}`).then(
      (output) =>
        output
          .split('\n')
          .filter(Boolean)
          .map((line) => {
            const [sha = '', peeled = '', ref = ''] = line.split('\0')
            return { name: ref.slice(`refs/${kind}/`.length), sha: peeled || sha }
          }),
    )
  }

  /** The commit that a branch, a tag, a SHA or an expression like `main~1` names. */
  async resolve(revision: string): Promise<string | undefined> {
    for (const candidate of [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]) {
      const sha = await this.attempt('rev-parse', '--quiet', '--verify', '--end-of-options', `${candidate}^{commit}`)
      if (sha) return sha.trim()
    }
    return undefined
  }

  async branch(name: string): Promise<string | undefined> {
    const sha = await this.attempt(
      'rev-parse',
      '--quiet',
      '--verify',
      '--end-of-options',
      `refs/heads/${name}^{commit}`,
    )
    return sha?.trim()
  }

  async commit(sha: string): Promise<Commit> {
    const [commit] = parseCommits(await this.read('log', '-1', `--format=${COMMIT_FORMAT}`, sha))
    if (!commit) throw new Error(`no commit ${sha}`)
    return commit
  }

  /** Newest first, and how many there are in all. `range` is a commit or `a..b`. */
  async commits(
    range: string,
    options: {
      path?: string
      skip?: number
      limit?: number
      since?: string
      until?: string
      first_parent?: boolean
    } = {},
  ): Promise<{ readonly commits: readonly Commit[]; readonly total: number }> {
    const filters = [
      ...(options.since ? [`--since=${options.since}`] : []),
      ...(options.until ? [`--until=${options.until}`] : []),
      ...(options.first_parent ? ['--first-parent'] : []),
    ]
    const paths = ['--', ...(options.path ? [options.path] : [])]
    const page = [`--skip=${options.skip ?? 0}`, ...(options.limit ? [`--max-count=${options.limit}`] : [])]
    const [output, total] = await Promise.all([
      this.read('log', `--format=${COMMIT_FORMAT}`, ...page, ...filters, range, ...paths),
      this.read('rev-list', '--count', ...filters, range, ...paths),
    ])
    return { commits: parseCommits(output), total: Number(total) }
  }

  /** What a folder of a commit holds; undefined if the folder is not there. */
  async tree(sha: string, path = '', recursive = false): Promise<TreeEntry[] | undefined> {
    const folder = path.replace(/^\/+|\/+$/g, '')
    if (folder) {
      const type = await this.attempt('cat-file', '-t', `${sha}:${folder}`)
      if (type?.trim() !== 'tree') return undefined
    }
    const output = await this.read('ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), `${sha}:${folder}`)
    return output
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [facts = '', name = ''] = line.split('\t')
        const [mode = '', type = '', id = '', size = ''] = facts.split(/ +/)
        return {
          id,
          name: name.split('/').at(-1) as string,
          type: type as TreeEntry['type'],
          path: folder ? `${folder}/${name}` : name,
          mode,
          size: size === '-' ? null : Number(size),
        }
      })
  }

  /** A file of a commit; undefined if there is none. */
  async file(
    sha: string,
    path: string,
  ): Promise<{ readonly id: string; readonly content: Buffer; readonly executable: boolean } | undefined> {
    const entry = await this.attempt('ls-tree', '-z', sha, '--', path)
    const [, mode, id] = /^(\d+) blob ([0-9a-f]+)\t/.exec(entry ?? '') ?? []
    if (!id) return undefined
    const content = await this.bytes('cat-file', 'blob', id)
    return { id, content, executable: mode === '100755' }
  }

  blob(id: string): Promise<Buffer> {
    return this.bytes('cat-file', 'blob', id)
  }

  archive(sha: string, format: 'tar' | 'tar.gz' | 'zip', prefix: string, path?: string): Promise<Buffer> {
    return gitBytes(this.directory, [
      'archive',
      `--format=${format}`,
      `--prefix=${prefix}/`,
      sha,
      ...(path ? [path] : []),
    ])
  }

  /** The files that differ between two commits; from nothing when `from` is undefined. */
  async diff(from: string | undefined, to: string): Promise<FileChange[]> {
    const range = from === undefined ? ['--root', to] : [from, to]
    const common = ['diff-tree', '-r', '-M', '--no-commit-id', ...range]
    const raw = await this.read(...common, '--raw', '-z', '--no-abbrev')
    const patch = await this.read(...common, '--patch', '--no-color')
    const patches = patch.split(/^diff --git .*\n/m).slice(1)
    return parseRawDiff(raw).map((change, at) => ({ ...change, diff: hunksOf(patches[at] ?? '') }))
  }

  /** Lines added and removed by a commit. */
  async stats(from: string | undefined, to: string): Promise<{ additions: number; deletions: number; total: number }> {
    const range = from === undefined ? ['--root', to] : [from, to]
    const output = await this.read('diff-tree', '-r', '--numstat', '--no-commit-id', ...range)
    const rows = output.split('\n').map((line) => line.split('\t').map(Number))
    const sum = (at: number) => rows.reduce((total, row) => total + (row[at] || 0), 0)
    return { additions: sum(0), deletions: sum(1), total: sum(0) + sum(1) }
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    return (await this.attempt('merge-base', a, b))?.trim()
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (await this.attempt('merge-base', '--is-ancestor', ancestor, descendant)) !== undefined
  }

  async size(): Promise<number> {
    const output = await this.git('count-objects', '-v')
    return Number(/^size: (\d+)/m.exec(output)?.[1] ?? 0) * 1024
  }

  /** Runs git in the repository. @throws GitError */
  git(...args: string[]): Promise<string> {
    return git(['--git-dir', this.directory, ...args])
  }

  /** Asks git what only a ref that moves can change. @throws GitError */
  private read(...args: string[]): Promise<string> {
    return remembered(this.directory, args.join('\0'), () => this.git(...args))
  }

  private bytes(...args: string[]): Promise<Buffer> {
    return remembered(this.directory, `bytes\0${args.join('\0')}`, () => gitBytes(this.directory, args))
  }

  private attempt(...args: string[]): Promise<string | undefined> {
    return remembered(this.directory, `attempt\0${args.join('\0')}`, () => this.tried(...args))
  }

  private async tried(...args: string[]): Promise<string | undefined> {
    try {
      return await this.git(...args)
    } catch (error) {
      if (error instanceof GitError) return undefined
      throw error
    }
  }
}

const hunksOf = (patch: string): string => {
  const start = patch.search(/^@@ /m)
  return start < 0 ? '' : patch.slice(start)
}

function parseRawDiff(raw: string): Omit<FileChange, 'diff'>[] {
  const fields = raw.split('\0')
  const changes: Omit<FileChange, 'diff'>[] = []
  for (let at = 0; at < fields.length; ) {
    const match = /^:(\d+) (\d+) [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(fields[at] ?? '')
    if (!match) break
    const [, a_mode = '', b_mode = '', status = ''] = match
    const moved = status === 'R' || status === 'C'
    const old_path = fields[at + 1] as string
    const new_path = moved ? (fields[at + 2] as string) : old_path
    at += moved ? 3 : 2
    changes.push({
      old_path,
      new_path,
      a_mode,
      b_mode,
      new_file: status === 'A',
      renamed_file: status === 'R',
      deleted_file: status === 'D',
    })
  }
  return changes
}
