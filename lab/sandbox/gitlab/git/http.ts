import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { gitEnvironment } from '../../core/git.ts'
import type { App } from '../app.ts'
import type { Identity, Refusal } from '../auth/identity.ts'
import { ownerMay, protectedBranchesOf } from '../branches.ts'
import type { Project } from '../entities.ts'
import { cloneUrl, createProject, webUrl } from '../projects.ts'
import { spoolName } from '../pushes.ts'
import { findProject, projectPath } from '../store.ts'
import { decideGitAccess, type GitService } from './access.ts'

/** A request of git's smart HTTP protocol. */
export type GitRoute = {
  readonly namespace: string
  readonly path: string
  /** Without `.git`, which GitLab answers with a redirect. */
  readonly bare: boolean
  readonly action: 'info/refs' | GitService
  readonly service: GitService | undefined
}

export function gitRouteOf(url: string): GitRoute | undefined {
  const { pathname, searchParams } = new URL(url, 'http://gitlab')
  const [, namespace, project, action] =
    /^\/([^/]+)\/([^/]+)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(pathname) ?? []
  if (!namespace || !project || !action) return undefined
  const asked = action === 'info/refs' ? searchParams.get('service') : action
  return {
    namespace: decodeURIComponent(namespace),
    path: decodeURIComponent(project).replace(/\.git$/, ''),
    bare: !project.endsWith('.git'),
    action: action as GitRoute['action'],
    service: asked === 'git-upload-pack' || asked === 'git-receive-pack' ? asked : undefined,
  }
}

export type GitHttpOptions = {
  readonly app: App
  /** Whose credentials a request carries; anonymous without any. */
  readonly identify: (request: IncomingMessage) => Identity | Refusal
  /** Takes up what a push left in the spool, before git is told that all went well. */
  readonly onPush: (spool: string) => Promise<void>
}

const refuse = (response: ServerResponse, status: number, text: string): void => {
  const challenge: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Basic realm="GitLab"' } : {}
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...challenge }).end(text)
}

/** Serves fetches and pushes with `git http-backend`. */
export const createGitHttp =
  ({ app, identify, onPush }: GitHttpOptions) =>
  async (route: GitRoute, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!route.service) {
      // The dumb protocol, which GitLab does not speak either.
      return refuse(response, 403, 'Git access over the dumb HTTP protocol is not supported')
    }
    if (route.bare) {
      const target = `http://${request.headers.host}${(request.url ?? '').replace(`/${route.path}/`, `/${route.path}.git/`)}`
      response.writeHead(301, { Location: target }).end()
      return
    }
    const caller = identify(request)
    const path = `${route.namespace}/${route.path}`
    const found = findProject(app.records, path)
    const { service, namespace } = route
    const decision = decideGitAccess({ service, caller, project: found, namespace, url: app.url() })
    if (decision.type === 'refuse') return refuse(response, decision.status, decision.text)
    let project = found
    let message = ''
    if (decision.type === 'create' && typeof caller !== 'string' && caller.type === 'user') {
      if (route.action === 'info/refs') {
        project = await createProject(app, { owner: caller.user, path: route.path, visibility: 'private' })
        app.records.projects.update(project.id, { pushed_into_being: true })
      }
    }
    if (!project) return refuse(response, 404, 'Not Found')
    if (route.action === 'git-receive-pack' && project.pushed_into_being) {
      app.records.projects.update(project.id, { pushed_into_being: false })
      message = createdMessage(app, project)
    }
    const userId = typeof caller !== 'string' && (caller.type === 'user' || caller.type === 'job') ? caller.user.id : 0
    const spool = join(
      app.stateDir,
      'pushes',
      spoolName({
        project: project.id,
        user: userId,
        pipelines: typeof caller !== 'string' && caller.type !== 'job',
        id: randomUUID(),
      }),
    )
    const env = {
      ...gitEnvironment(),
      ...serverConfiguration(app),
      GIT_PROJECT_ROOT: join(app.stateDir, 'repositories'),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${project.id}.git/${route.action}`,
      REQUEST_METHOD: request.method ?? 'GET',
      QUERY_STRING: new URL(request.url ?? '/', 'http://gitlab').search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: userId ? String(userId) : '',
      GITLAB_PROTECTED: protectionOf(app, project),
      GITLAB_DEFAULT_BRANCH: project.default_branch ?? '',
      GITLAB_PUSH: spool,
      GITLAB_MESSAGE: message,
      ...(request.headers['content-length'] ? { CONTENT_LENGTH: request.headers['content-length'] } : {}),
    }
    const backend = new Backend(request, response, (line) => app.log(`gitlab: git http-backend: ${line}`))
    await backend.serve(env, () => (route.action === 'git-receive-pack' ? onPush(spool) : Promise.resolve()))
  }

function createdMessage(app: App, project: Project): string {
  return [
    '',
    `The private project ${projectPath(project)} was successfully created.`,
    '',
    'To configure the remote, run:',
    `  git remote add origin ${cloneUrl(app, project)}`,
    '',
    'To view the project, visit:',
    `  ${webUrl(app, project)}`,
    '',
  ].join('\n')
}

const protectionOf = (app: App, project: Project): string =>
  protectedBranchesOf(app, project)
    .map((branch) => {
      const yes = (value: boolean) => (value ? 'yes' : 'no')
      return `${yes(ownerMay(branch.push_access_level))} ${yes(branch.allow_force_push)} ${branch.name}`
    })
    .join('\n')

/** Settings of the server side of git, handed over in the environment so that repositories stay plain. */
function serverConfiguration(app: App): Record<string, string> {
  const settings = {
    'core.hooksPath': join(app.stateDir, 'hooks'),
    'http.receivepack': 'true',
    'http.uploadpack': 'true',
    'receive.advertisePushOptions': 'true',
    'receive.autogc': 'false',
    'receive.denyDeleteCurrent': 'ignore',
    'uploadpack.allowFilter': 'true',
    'uploadpack.allowAnySHA1InWant': 'true',
    'gc.auto': '0',
  }
  const entries = Object.entries(settings)
  return {
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  }
}

/** One request passed on to `git http-backend`, a CGI program: headers, a blank line, the body. */
class Backend {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves when the answer is sent. `beforeEnd` runs when git is done and before the client is told so. */
  serve(env: Readonly<Record<string, string>>, beforeEnd: () => Promise<void>): Promise<void> {
    const { request, response } = this
    return new Promise((resolve) => {
      const child = spawn('git', ['http-backend'], { env })
      child.stdin.on('error', () => {})
      request.pipe(child.stdin)
      response.once('close', () => {
        if (!response.writableFinished) child.kill()
      })
      let head: Buffer | undefined = Buffer.alloc(0)
      child.stdout.on('data', (chunk: Buffer) => {
        let body = chunk
        if (head) {
          head = Buffer.concat([head, chunk])
          const end = head.indexOf('\r\n\r\n')
          if (end < 0) return
          this.writeHead(head.subarray(0, end).toString('latin1'))
          body = head.subarray(end + 4)
          head = undefined
        }
        if (!response.write(body)) {
          child.stdout.pause()
          response.once('drain', () => child.stdout.resume())
        }
      })
      child.stderr.on('data', (chunk: Buffer) => this.log(chunk.toString('utf8').trim()))
      child.once('error', (error) => {
        this.log(messageOf(error))
        if (!response.headersSent) refuse(response, 500, 'git is not available')
        resolve()
      })
      child.once('close', async () => {
        try {
          await beforeEnd()
        } catch (error) {
          this.log(messageOf(error))
        }
        if (!response.headersSent) refuse(response, 500, 'git ended without an answer')
        else response.end()
        resolve()
      })
    })
  }

  private writeHead(head: string): void {
    let status = 200
    for (const line of head.split('\r\n')) {
      const colon = line.indexOf(':')
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()]
      if (name === 'Status') status = Number(value.slice(0, 3))
      else this.response.setHeader(name, value)
    }
    this.response.writeHead(status)
  }
}
