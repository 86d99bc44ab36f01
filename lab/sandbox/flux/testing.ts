import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../core/clock.ts'
import { git } from '../core/git.ts'
import { closeServer, listenOnLoopback } from '../core/http.ts'
import type { KubeClient, KubeObject } from '../core/kube-client.ts'
import { EVENTS } from '../core/kube-objects.ts'
import type { Names } from '../core/names.ts'
import type { Program } from '../core/program.ts'
import { type FluxResource, REQUESTED_AT } from './runtime/resources.ts'

/** A folder of a test's own; `remove` when it ends. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'flux-')))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'dev',
  GIT_AUTHOR_EMAIL: 'dev@example.com',
  GIT_COMMITTER_NAME: 'dev',
  GIT_COMMITTER_EMAIL: 'dev@example.com',
}

/** A repository on a server, and the working copy that changes it. */
export type TestRepository = {
  readonly url: string
  readonly copy: string
  /** Writes files (undefined removes one), commits and pushes; returns the commit. */
  push(subject: string, files: Readonly<Record<string, string | undefined>>, branch?: string): Promise<string>
  git(...args: readonly string[]): Promise<string>
}

/**
 * Git over HTTP by git's own `http-backend`. With a password, reading and writing need `root` and it; `readers` may only
 * read.
 */
export async function gitServer(root: string) {
  const passwords = new Map<string, string>()
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://git')
    const name = url.pathname.split('/')[1] as string
    const password = passwords.get(name)
    const [user, given] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':')
    if (password !== undefined && given !== password && user !== 'reader') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('HTTP Basic: Access denied')
      return
    }
    if (user === 'reader' && /receive-pack/.test(request.url ?? '')) {
      response.writeHead(403).end('You are not allowed to push code to this project.')
      return
    }
    backend(root, url, request, response)
  }
  const server = createServer(handle)
  const port = await listenOnLoopback(server)
  return {
    base: `http://127.0.0.1:${port}`,
    close: () => closeServer(server),
    async repository(name: string, password?: string): Promise<TestRepository> {
      const bare = join(root, `${name}.git`)
      const copy = join(root, 'copies', name)
      if (password !== undefined) passwords.set(`${name}.git`, password)
      await git(['init', '-q', '--bare', bare])
      await git(['config', 'http.receivepack', 'true'], { cwd: bare })
      mkdirSync(copy, { recursive: true })
      await git(['init', '-q'], { cwd: copy })
      await git(['remote', 'add', 'origin', bare], { cwd: copy })
      const run = (...args: readonly string[]) => git(args, { cwd: copy, env: AUTHOR })
      return {
        url: `http://127.0.0.1:${port}/${name}.git`,
        copy,
        git: run,
        async push(subject, files, branch = 'main') {
          for (const [path, text] of Object.entries(files)) {
            const file = join(copy, path)
            if (text === undefined) rmSync(file)
            else {
              mkdirSync(dirname(file), { recursive: true })
              writeFileSync(file, text)
            }
          }
          await run('add', '--all')
          await run('commit', '-q', '--allow-empty', '-m', subject)
          await run('push', '-q', 'origin', `HEAD:refs/heads/${branch}`)
          return (await run('rev-parse', 'HEAD')).trim()
        },
      }
    },
  }
}

/** Runs the CGI program of git for one request. */
function backend(root: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_USER: 'tester',
    },
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.on('close', () => {
    const output = Buffer.concat(chunks)
    const split = output.indexOf('\r\n\r\n')
    const headers = output.toString('latin1', 0, split).split('\r\n')
    let status = 200
    for (const header of headers) {
      const [name = '', value = ''] = header.split(/: (.*)/s)
      if (name === 'Status') status = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.writeHead(status).end(output.subarray(split + 4))
  })
}

/** Runs a program as a container would; its ports are reached by `names` under its own name as a Service. */
export function runProgram(
  program: Program,
  options: {
    readonly name: string
    readonly kube: KubeClient
    readonly services: Map<string, number>
    readonly args?: readonly string[]
    readonly clock?: Clock
  },
) {
  const { name, kube, services, args = [], clock = systemClock() } = options
  const scratch = temporaryFolder()
  const controller = new AbortController()
  const lines: string[] = []
  const servers: ReturnType<typeof createServer>[] = []
  const done = program({
    argv: [name, ...args],
    env: new Map([['RUNTIME_NAMESPACE', 'flux-system']]),
    pod: { name: `${name}-0`, namespace: 'flux-system', uid: name },
    signal: controller.signal,
    clock,
    kube,
    names: serviceNames(services),
    kubectl: 'kubectl',
    scratch: scratch.path,
    log: (line) => lines.push(line),
    async listen(port, listener) {
      const server = createServer(listener)
      servers.push(server)
      services.set(`${name}:${port === 9090 ? 80 : port}`, await listenOnLoopback(server))
    },
    readFile: () => undefined,
  })
  return {
    lines,
    clock,
    async stop() {
      controller.abort()
      const code = await done
      for (const server of servers) await closeServer(server)
      scratch.remove()
      return code
    },
  }
}

function serviceNames(services: ReadonlyMap<string, number>): Names {
  const resolve = async (host: string, port: number) => {
    const [, name] = /^([a-z-]+)\.[a-z-]+\.svc/.exec(host) ?? []
    if (name === undefined) return undefined
    const found = services.get(`${name}:${port}`)
    if (found === undefined) throw Object.assign(new Error('no endpoint'), { code: 'ECONNREFUSED' })
    return { host: '127.0.0.1', port: found, tls: false }
  }
  return {
    resolve,
    async fetch(text, init) {
      const url = new URL(text)
      const endpoint = await resolve(url.hostname, Number(url.port || 80))
      if (endpoint) url.host = `${endpoint.host}:${endpoint.port}`
      return fetch(url, init)
    },
  }
}

/** A condition a line: `Ready=True Succeeded: message`. */
export const conditions = (object: KubeObject): readonly string[] =>
  object['status'].conditions.map(
    ({ type, status, reason, message }: Record<string, string>) => `${type}=${status} ${reason}: ${message}`,
  )

/** What a user of the cluster does and sees in one namespace. */
export function observe(kube: KubeClient, namespace: string) {
  let requests = 0
  /** The first value that is not undefined or false; a rejection counts as not yet. */
  const eventually = async <T>(read: () => Promise<T | undefined | false>): Promise<T> => {
    const clock = systemClock()
    const end = clock.now() + 10_000
    for (;;) {
      const value = await read().catch(() => undefined)
      if (value !== undefined && value !== false) return value
      if (clock.now() > end) throw new Error(`waited 10 s for ${read}`)
      await clock.sleep(20)
    }
  }
  return {
    eventually,
    create: (id: FluxResource, name: string, spec: object) =>
      kube.create(id, {
        apiVersion: `${id.group}/${id.version}`,
        kind: id.kind,
        metadata: { name, namespace },
        spec,
      }),
    patchSpec: (id: FluxResource, name: string, spec: object) => kube.patch(id, name, namespace, 'merge', { spec }),
    /** Waits for Ready to have a status at the current generation. */
    ready: (id: FluxResource, name: string, status: 'True' | 'False' = 'True', reason?: string) =>
      eventually(async () => {
        const object = await kube.get(id, name, namespace)
        const condition = object['status']?.conditions?.find(({ type }: { type: string }) => type === 'Ready')
        const fits = condition?.status === status && condition.observedGeneration === object.metadata.generation
        return fits && (reason === undefined || condition.reason === reason) ? object : undefined
      }),
    /** Events of an object, durations left out. */
    events: async (name: string) =>
      (await kube.list(EVENTS, { namespace })).items
        .filter((event) => event['involvedObject'].name === name)
        .map((event) =>
          `${event['type']} ${event['reason']}: ${event['message']}`.replace(/finished in [^,]*/, 'finished'),
        ),
    /** Asks for a reconciliation and waits until it was handled. */
    async sync(id: FluxResource, name: string): Promise<KubeObject> {
      const value = `request-${++requests}`
      await kube.patch(id, name, namespace, 'merge', { metadata: { annotations: { [REQUESTED_AT]: value } } })
      return eventually(async () => {
        const object = await kube.get(id, name, namespace)
        return object['status'].lastHandledReconcileAt === value && object
      })
    },
  }
}
