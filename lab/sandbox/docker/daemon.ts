import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import type { Fetch } from '../registry/index.ts'
import { CLIENT_SCRIPT, type ClientMessage, type DaemonMessage, SOCKET_VARIABLE } from './client-script.ts'
import { runDocker } from './commands/index.ts'
import { type Job, LocalImages } from './job.ts'

export type JobTools = {
  /** A folder that holds an executable `docker`. */
  readonly bin: string
  /** What the job's environment needs for it. */
  readonly env: Readonly<Record<string, string>>
  /** Ends what still runs and forgets the job's images. */
  close(): Promise<void>
}

export type DockerDaemon = {
  /** A docker for one CI job, with images of its own. */
  toolsFor(job: {
    readonly workspace: string
    readonly environment: Readonly<Record<string, string>>
  }): Promise<JobTools>
  stop(): Promise<void>
}

/** What CI jobs call `docker`: a small client on their PATH, and this process, which builds and pushes. */
export function createDockerDaemon(options: {
  /** Folder for the clients. */
  readonly directory: string
  /** `Names.fetch`. */
  readonly fetch: Fetch
  /** Of the Node that pods run with, as `process.version` has it. */
  readonly nodeVersion: string
  readonly clock: Clock
  readonly log: (line: string) => void
}): DockerDaemon {
  const open = new Set<JobTools>()
  return {
    async toolsFor({ workspace, environment }) {
      const home = environment['HOME']
      const job: Job = {
        images: new LocalImages(),
        folders: [workspace, ...(home === undefined ? [] : [home])],
        fetch: options.fetch,
        nodeVersion: options.nodeVersion.replace(/^v/, ''),
        now: () => options.clock.now(),
      }
      await mkdir(options.directory, { recursive: true, mode: 0o700 })
      const bin = await mkdtemp(join(options.directory, 'docker-'))
      // The path of a Unix socket may have about a hundred bytes, which the state folder may already exceed.
      const sockets = await mkdtemp(join(tmpdir(), 'gitops-lab-'))
      const socket = join(sockets, 'docker.sock')
      await writeFile(join(bin, 'docker.cjs'), CLIENT_SCRIPT)
      const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
      await writeFile(
        join(bin, 'docker'),
        `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(join(bin, 'docker.cjs'))} "$@"\n`,
      )
      await chmod(join(bin, 'docker'), 0o755)
      const connections = new Set<Socket>()
      const server = createServer((connection) => {
        connections.add(connection)
        connection.on('close', () => connections.delete(connection))
        serve(connection, job, options.log)
      })
      await listen(server, socket)
      const tools: JobTools = {
        bin,
        env: { [SOCKET_VARIABLE]: socket },
        async close() {
          open.delete(tools)
          for (const connection of connections) connection.destroy()
          await new Promise((resolve) => server.close(resolve))
          await rm(bin, { recursive: true, force: true })
          await rm(sockets, { recursive: true, force: true })
        },
      }
      open.add(tools)
      return tools
    },

    async stop() {
      await Promise.all([...open].map((tools) => tools.close()))
    },
  }
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })

/** One client: its first line is the command, a second one, if asked for, its standard input. */
function serve(connection: Socket, job: Job, log: (line: string) => void): void {
  const abort = new AbortController()
  const send = (message: DaemonMessage) => connection.writable && connection.write(`${JSON.stringify(message)}\n`)
  const bytes = (text: string) => Buffer.from(text).toString('base64')
  let give: ((text: string) => void) | undefined
  let text = ''
  connection.setEncoding('utf8')
  connection.on('error', () => {})
  connection.on('close', () => abort.abort(new Error('the client is gone')))
  connection.on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const message: ClientMessage = JSON.parse(text.slice(0, end))
      text = text.slice(end + 1)
      if ('stdin' in message) give?.(Buffer.from(message.stdin, 'base64').toString('utf8'))
      else void answer(message)
    }
  })

  async function answer({ argv, cwd, env }: Extract<ClientMessage, { argv: unknown }>): Promise<void> {
    const code = await runDocker({
      job,
      argv,
      cwd,
      env,
      signal: abort.signal,
      out: (text) => send({ stdout: bytes(text) }),
      err: (text) => send({ stderr: bytes(text) }),
      stdin: () =>
        new Promise((resolve) => {
          give = resolve
          send({ want: 'stdin' })
        }),
    }).catch((error) => {
      log(`docker ${argv[0]}: ${messageOf(error)}`)
      return 1
    })
    send({ exit: code })
    connection.end()
  }
}
