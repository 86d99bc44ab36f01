import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { git, gitEnvironment } from '../../core/git.ts'
import { closeServer, listenOnLoopback } from '../../core/http.ts'

const AUTHOR = {
  GIT_AUTHOR_NAME: 'dev',
  GIT_AUTHOR_EMAIL: 'dev@example.com',
  GIT_COMMITTER_NAME: 'dev',
  GIT_COMMITTER_EMAIL: 'dev@example.com',
}

/** Bare repositories of a folder over smart HTTP; `private-…` wants the user `dev` with the password `secret`. */
export class GitServer {
  private readonly server = createServer((request, response) => this.answer(request, response))
  url = ''

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    this.url = `http://127.0.0.1:${await listenOnLoopback(this.server)}`
  }

  stop(): Promise<void> {
    return closeServer(this.server)
  }

  /** Makes the files the whole content of the repository's main branch and returns the commit. */
  async commit(name: string, files: Readonly<Record<string, string>>, message = 'change'): Promise<string> {
    const work = join(this.folder, `${name}-work`)
    const bare = join(this.folder, `${name}.git`)
    await git(['init', '--quiet', '--bare', bare])
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work, { recursive: true })
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), text)
    }
    const env = { ...AUTHOR, GIT_DIR: bare, GIT_WORK_TREE: work }
    await git(['add', '--all'], { env, cwd: work })
    await git(['commit', '--quiet', '--allow-empty', '-m', message], { env, cwd: work })
    return (await git(['rev-parse', 'HEAD'], { env })).trim()
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const expected = `Basic ${Buffer.from('dev:secret').toString('base64')}`
    if (path.startsWith('/private-') && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('HTTP Basic: Access denied\n')
      return
    }
    const child = spawn('git', ['http-backend'], {
      env: {
        ...gitEnvironment(),
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    })
    request.pipe(child.stdin)
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', () => {
      const output = Buffer.concat(chunks)
      const end = output.indexOf('\r\n\r\n')
      const headers = output.subarray(0, end).toString('utf8').split('\r\n')
      for (const line of headers) {
        const [name = '', value = ''] = line.split(/: (.*)/)
        if (name === 'Status') response.statusCode = Number(value.split(' ')[0])
        else if (name !== '') response.setHeader(name, value)
      }
      response.end(output.subarray(end + 4))
    })
  }
}
