import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../core/clock.ts'
import { git } from '../core/git.ts'
import { Store } from '../core/store.ts'
import { createGitlab, type Gitlab, type GitlabOptions, type RegistryAccess } from './index.ts'

/** A GitLab for a test, with a folder for clones and a registry that hands out readable tokens. */
export type Fixture = {
  readonly gitlab: Gitlab
  readonly folder: string
  readonly options: GitlabOptions
  readonly logged: readonly string[]
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  ): Promise<{ status: number; body: any; headers: Headers }>
  /** Makes a work tree with one commit of the files and returns its folder. */
  workTree(name: string, files: Readonly<Record<string, string>>): Promise<string>
  commit(directory: string, files: Readonly<Record<string, string>>, message?: string): Promise<string>
  push(directory: string, project: string, ...args: string[]): Promise<string>
  url(project: string): string
  restart(): Promise<void>
  close(): Promise<void>
}

export async function createFixture(more: Partial<GitlabOptions> = {}): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-gitlab-'))
  const logged: string[] = []
  const options: GitlabOptions = {
    store: Store.open(join(folder, 'store.jsonl')),
    stateDir: join(folder, 'state'),
    clock: systemClock(),
    names: () => ({ resolve: async () => undefined, fetch: (url, init) => fetch(url, init) }),
    issueRegistryToken: (access: readonly RegistryAccess[], subject: string) => JSON.stringify({ access, subject }),
    registry: { repositories: () => [], tags: () => [], deleteTag: () => false, deleteRepository: () => {} },
    jobTools: async ({ workspace }) => {
      const bin = `${workspace}.bin`
      mkdirSync(bin)
      const docker = '#!/bin/sh\necho "docker was called with $*"\n[ "$1" != login ] || cat >/dev/null\n'
      writeFileSync(join(bin, 'docker'), docker, { mode: 0o755 })
      return { bin, env: { DOCKER_HOST: 'test' }, close: async () => {} }
    },
    log: (line) => logged.push(line),
    ...more,
  }
  let gitlab = await createGitlab(options)
  const author = {
    GIT_AUTHOR_NAME: 'Learner',
    GIT_AUTHOR_EMAIL: 'learner@example.com',
    GIT_COMMITTER_NAME: 'Learner',
    GIT_COMMITTER_EMAIL: 'learner@example.com',
  }
  const put = (directory: string, files: Readonly<Record<string, string>>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), content)
    }
  }
  const commit: Fixture['commit'] = async (directory, files, message = 'Change something') => {
    put(directory, files)
    await git(['add', '--all'], { cwd: directory })
    await git(['commit', '--quiet', '--allow-empty', '--message', message], { cwd: directory, env: author })
    return (await git(['rev-parse', 'HEAD'], { cwd: directory })).trim()
  }
  return {
    get gitlab() {
      return gitlab
    },
    folder,
    options,
    logged,
    async api(method, path, body, headers = { 'PRIVATE-TOKEN': gitlab.token }) {
      const response = await fetch(`${gitlab.url}/api/v4${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const content = await response.text()
      const json = /json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, body: json ? JSON.parse(content) : content, headers: response.headers }
    },
    async workTree(name, files) {
      const directory = join(folder, 'clones', name)
      mkdirSync(directory, { recursive: true })
      await git(['init', '--quiet', directory])
      await commit(directory, files, 'Begin')
      return directory
    },
    commit,
    push: (directory, project, ...args) => {
      const [refspec, ...options] = args.length > 0 ? [args.at(-1) as string, ...args.slice(0, -1)] : ['HEAD:main']
      return git(['push', '--quiet', ...options, `${gitlab.url}/${project}.git`, refspec], {
        cwd: directory,
        credentials: { username: 'learner', password: gitlab.token },
      })
    },
    url: (project) => `${gitlab.url}/${project}.git`,
    async restart() {
      await gitlab.stop()
      gitlab = await createGitlab(options)
    },
    async close() {
      await gitlab.stop()
      options.store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until `probe` gives something, asking again every now and then; fails after 20 seconds. */
export async function eventually<T>(probe: () => Promise<T | undefined | false>): Promise<T> {
  const clock = systemClock()
  const end = clock.now() + 20_000
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (clock.now() > end) throw new Error('it did not come about within 20 seconds')
    await clock.sleep(25)
  }
}
