// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Dockerfiles
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { closeServer, listenOnLoopback } from '../core/http.ts'
import { run } from '../core/run.ts'
import { Store } from '../core/store.ts'
import { createImageStore, createRegistry, createRegistryClient, type Registry } from '../registry/index.ts'
import { createDockerDaemon, type DockerDaemon, type JobTools } from './index.ts'

let directory: string
let workspace: string
let registry: Registry
let tokens: Server
let daemon: DockerDaemon
let tools: JobTools
let clock: ManualClock

const inside = (url: string, init?: RequestInit) =>
  fetch(url.replace('//registry.lab.test', `//${registry.host}`), init)

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gitops-lab-docker-'))
  workspace = join(directory, 'my app')
  mkdirSync(join(directory, 'home'))
  mkdirSync(workspace)
  clock = new ManualClock()
  tokens = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://gitlab')
    if (request.headers.authorization !== `Basic ${Buffer.from('gitlab-ci-token:right').toString('base64')}`) {
      response.writeHead(401)
      return response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'HTTP Basic: Access denied.' }] }))
    }
    const [, name = '', actions = ''] = (url.searchParams.get('scope') ?? '').split(':')
    const own = name.startsWith('learner/')
    const access = own ? [{ type: 'repository' as const, name, actions: actions.split(',') }] : []
    return response.end(JSON.stringify({ token: registry.issueRegistryToken(access, 'job') }))
  })
  const port = await listenOnLoopback(tokens)
  registry = await createRegistry({
    store: Store.inMemory(),
    stateDir: join(directory, 'registry'),
    clock,
    realm: () => `http://127.0.0.1:${port}/jwt/auth`,
    log: () => {},
  })
  daemon = createDockerDaemon({
    directory: join(directory, 'docker'),
    fetch: inside,
    nodeVersion: 'v20.20.2',
    clock,
    log: () => {},
  })
  tools = await daemon.toolsFor({ workspace, environment: { HOME: join(directory, 'home') } })
})

afterEach(async () => {
  await daemon.stop()
  await registry.stop()
  await closeServer(tokens)
  rmSync(directory, { recursive: true, force: true })
})

function files(contents: Record<string, string>): void {
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true })
    writeFileSync(join(workspace, name), content)
  }
}

async function docker(command: string, input?: string, env: Record<string, string> = {}) {
  const path = `${tools.bin}:${process.env['PATH']}`
  return run('/bin/sh', ['-c', `docker ${command}`], {
    cwd: workspace,
    env: { PATH: path, HOME: join(directory, 'home'), ...tools.env, ...env },
    input,
  })
}

const login = () => docker('login registry.lab.test -u gitlab-ci-token --password-stdin', 'right\n')
const image = 'registry.lab.test/learner/my-nodejs-app:1.0.1'

const app = {
  Dockerfile: `FROM node:22-alpine
WORKDIR /app
COPY package.json server.js ./
COPY lib lib/
USER node
ENV PORT=8181
EXPOSE 8181
CMD ["node", "server.js"]
`,
  'package.json': '{ "name": "app" }',
  'server.js': 'console.log("hello")',
  'lib/a.js': 'a',
  'lib/a.test.js': 'test',
  '.dockerignore': '**/*.test.js\n',
}

describe('a CI job', () => {
  it('builds, logs in and pushes; the image unpacks to what was copied', async () => {
    files(app)
    const built = await docker(`build --pull -t ${image} .`)
    expect(built.stderr).toContain('#4 [1/4] FROM docker.io/library/node:22-alpine')
    expect(built.stderr).toContain('[3/4] COPY package.json server.js ./')
    expect(built.stderr).toContain(`naming to ${image} done`)
    expect(built.code).toBe(0)

    const denied = await docker(`push ${image}`)
    expect([denied.code, denied.stderr]).toEqual([1, 'unauthorized: HTTP Basic: Access denied.\n'])

    const loggedIn = await login()
    expect([loggedIn.code, loggedIn.stdout]).toEqual([0, 'Login Succeeded\n'])
    expect(statSync(join(directory, 'home/.docker/config.json')).mode & 0o777).toBe(0o600)

    const pushed = await docker(`push ${image}`)
    expect(pushed.stdout).toMatch(
      /^The push refers to repository \[registry\.lab\.test\/learner\/my-nodejs-app\]\n(\w{12}: Pushed\n){3}1\.0\.1: digest: sha256:\w{64} size: \d+\n$/,
    )
    expect(registry.tags('learner/my-nodejs-app')).toMatchObject([
      { name: '1.0.1', createdAt: new Date(clock.now()).toISOString() },
    ])

    const store = createImageStore({
      directory: join(directory, 'store'),
      client: createRegistryClient({ fetch: inside }),
    })
    const secret = { registry: 'registry.lab.test', username: 'gitlab-ci-token', password: 'right' }
    const pulled = await store.pull(image, [secret])
    expect(pushed.stdout).toContain(pulled.digest)
    expect(readdirSync(join(pulled.rootfs, 'app')).sort()).toEqual(['lib', 'package.json', 'server.js'])
    expect(readdirSync(join(pulled.rootfs, 'app/lib'))).toEqual(['a.js'])
    expect(readFileSync(join(pulled.rootfs, 'app/server.js'), 'utf8')).toBe(app['server.js'])
    expect(pulled.config.config).toMatchObject({
      WorkingDir: '/app',
      Cmd: ['node', 'server.js'],
      User: 'node',
      ExposedPorts: { '8181/tcp': {} },
      Env: [expect.stringContaining('PATH='), 'NODE_VERSION=20.20.2', 'PORT=8181'],
    })
    expect((await docker('logout registry.lab.test')).stdout).toBe('Removing login credentials for registry.lab.test\n')
    expect((await docker(`push ${image}`)).code).toBe(1)
  })

  it('builds the same layers from the same files', async () => {
    files(app)
    await docker('build -q -t one .')
    await docker('build -q -t two .')
    const layers = (await docker("image inspect one two --format '{{json .RootFS.Layers}}'")).stdout.trim().split('\n')
    expect(layers[0]).toBe(layers[1])
  })

  it('has images only for as long as it runs', async () => {
    files(app)
    await docker(`build -t ${image} -t other .`)
    expect((await docker('images -q')).stdout).toMatch(/^\w{12}\n$/)
    expect((await docker("images --format '{{.Repository}}:{{.Tag}}'")).stdout).toBe(`${image}\nother:latest\n`)
    const second = await daemon.toolsFor({ workspace, environment: {} })
    const listed = await run(join(second.bin, 'docker'), ['images'], { env: { ...second.env } })
    expect(listed.stdout).toBe('REPOSITORY   TAG   IMAGE ID   CREATED   SIZE\n')
    await second.close()
    expect(existsSync(second.bin)).toBe(false)
  })

  it('pushes with buildx and all tags of a repository', async () => {
    files(app)
    await login()
    const built = await docker(`buildx build --provenance=false --push -t ${image} .`)
    expect([built.code, registry.tags('learner/my-nodejs-app').length]).toEqual([0, 1])
    await docker(`tag ${image} registry.lab.test/learner/my-nodejs-app:latest`)
    const all = await docker('push --all-tags registry.lab.test/learner/my-nodejs-app')
    expect(all.stdout.match(/digest: /g)).toHaveLength(2)
    const none = await docker('push registry.lab.test/learner/none')
    expect(none.stderr).toBe('An image does not exist locally with the tag: registry.lab.test/learner/none\n')
    const foreign = await docker(`tag ${image} registry.lab.test/root/app && docker push registry.lab.test/root/app`)
    expect([foreign.code, foreign.stderr]).toEqual([1, 'denied: requested access to the resource is denied\n'])
  })

  it('builds upon an image that it pulls', async () => {
    files({ ...app, 'Dockerfile.next': `FROM ${image}\nCOPY server.js extra.js\nRUN rm -r lib\n` })
    await login()
    await docker(`build --push -t ${image} .`)
    await docker(`rmi ${image}`)
    const built = await docker(`build -f Dockerfile.next --push -t registry.lab.test/learner/next .`)
    expect(built.stderr).toContain('naming to registry.lab.test/learner/next')
    const store = createImageStore({
      directory: join(directory, 'store'),
      client: createRegistryClient({ fetch: inside }),
    })
    const { rootfs } = await store.pull('registry.lab.test/learner/next', [
      { registry: 'registry.lab.test', username: 'gitlab-ci-token', password: 'right' },
    ])
    expect(readdirSync(join(rootfs, 'app')).sort()).toEqual(['extra.js', 'package.json', 'server.js'])
  })
})

describe('Dockerfiles', () => {
  const inspect = async (format: string) => (await docker(`image inspect app --format '${format}'`)).stdout.trim()

  it('has stages, arguments and labels, and builds only what the target needs', async () => {
    files({
      ...app,
      Dockerfile: `# syntax=docker/dockerfile:1
ARG VERSION=22
FROM node:\${VERSION}-slim AS build
WORKDIR /src
COPY . .
FROM build AS unneeded
RUN exit-with-an-error
FROM scratch
ARG VERSION
ARG NAME="a b" TARGETARCH
ENV NAME=$NAME V=\${VERSION:-none} ARCH=$TARGETARCH
COPY --from=build --chown=1000:0 --chmod=0640 /src/lib/*.js \\
  # a comment between
  /out/
LABEL version=\${VERSION} "two words"=x
ENTRYPOINT node server.js
HEALTHCHECK --interval=1m30s CMD node check.js
`,
    })
    const built = await docker('build -t app --build-arg VERSION=20 --label by=ci .')
    expect(built.stderr).toContain('[build 2/3] WORKDIR /src')
    expect(built.stderr).toContain('[stage-2 1/1] COPY --from=build')
    expect(await inspect('{{json .Config}}')).toBe(
      JSON.stringify({
        Env: ['NAME=a b', 'V=20', 'ARCH=amd64'],
        Labels: { version: '20', 'two words': 'x', by: 'ci' },
        Entrypoint: ['/bin/sh', '-c', 'node server.js'],
        Healthcheck: { Test: ['CMD-SHELL', 'node check.js'], Interval: 90e9 },
      }),
    )
  })

  it('runs what it can do truly', async () => {
    files({
      ...app,
      'package-lock.json': '{}',
      Dockerfile: 'FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev && mkdir -p data/x && rm server.js\n',
    })
    const built = await docker('build -t app .')
    expect([built.code, built.stderr]).toEqual([0, expect.stringContaining('up to date, audited 1 package')])
  })

  it.each<[string, string, string]>([
    [
      'an unknown instruction',
      'FROM node\nCOPPY . .\n',
      'dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)',
    ],
    ['no FROM', 'COPY . .\n', 'dockerfile parse error on line 1: no build stage in current context'],
    ['an unknown flag', 'FROM node\nCOPY --form=x a b\n', 'dockerfile parse error on line 2: unknown flag: --form'],
    [
      'one argument',
      'FROM node\nCOPY server.js\n',
      'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
    ],
    ['a heredoc', 'FROM node\nRUN <<EOF\necho\nEOF\n', 'not supported in this sandbox: heredocs'],
    ['a missing file', 'FROM node\nWORKDIR /app\nCOPY nope ./\n', '"/nope": not found'],
    ['a path that climbs', 'FROM node\nCOPY ../../etc/passwd ./\n', '"/etc/passwd": not found'],
    [
      'several sources into a file',
      'FROM node\nCOPY server.js package.json app\n',
      'the destination must be a directory and end with a /',
    ],
    [
      'an image out of reach',
      'FROM python:3.12\n',
      'failed to resolve source metadata for docker.io/library/python:3.12: failed to do request: Head "https://registry-1.docker.io/v2/library/python/manifests/3.12": dial tcp: lookup registry-1.docker.io: no such host',
    ],
    ['a node tag that is none', 'FROM node:22-alpin\n', 'docker.io/library/node:22-alpin: not found'],
    ['a command', 'FROM node\nRUN apk add curl\n', 'not supported in this sandbox: RUN apk add curl'],
    [
      'a command that fails',
      'FROM node\nRUN rm nope\n',
      'process "/bin/sh -c rm nope" did not complete successfully: exit code: 1',
    ],
    [
      'dependencies',
      'FROM node\nCOPY dep ./\nRUN npm install --no-package-lock\n',
      'not supported in this sandbox: RUN npm install',
    ],
    [
      'an unknown user',
      'FROM node\nCOPY --chown=bob server.js ./\n',
      'unable to find user bob: no matching entries in passwd file',
    ],
    [
      'a remote ADD',
      'FROM node\nADD https://example.com/x /x\n',
      'not supported in this sandbox: ADD of https://example.com/x',
    ],
  ])('refuses %s', async (_, Dockerfile, message) => {
    files({ ...app, 'dep/package.json': '{"dependencies":{"x":"1"}}', Dockerfile })
    const built = await docker('build -t app .')
    expect(built.stderr.trim().split('\n').at(-1)).toContain('ERROR: failed to solve: ')
    expect(built.stderr).toContain(message)
    expect(built.code).toBe(1)
  })

  it('shows the lines around a fault', async () => {
    files({ ...app, Dockerfile: 'FROM node\nWORKDIR /app\nCOPY nope .\nCMD ["node"]\n' })
    expect((await docker('build .')).stderr).toContain(
      'Dockerfile:3\n--------------------\n   1 |     FROM node\n   2 |     WORKDIR /app\n   3 | >>> COPY nope .\n   4 |     CMD ["node"]\n',
    )
  })
})

describe('the command line', () => {
  it.each<[string, number, string]>([
    ['frobnicate', 1, "docker: unknown command: docker frobnicate\n\nRun 'docker --help' for more information"],
    ['run node', 1, 'not supported in this sandbox: docker run'],
    ['build', 1, "docker: 'docker build' requires 1 argument"],
    ['build nowhere', 1, 'ERROR: unable to prepare context: path "nowhere" not found'],
    [
      'build -t Upper .',
      125,
      'invalid argument "Upper" for "-t, --tag" flag: invalid reference format: repository name (library/Upper) must be lowercase',
    ],
    ['build --platform windows/amd64 .', 1, 'failed to parse platform windows/amd64'],
    ['build --secret id=x .', 1, 'not supported in this sandbox: --secret'],
    ['build .', 1, 'failed to read dockerfile: open Dockerfile: no such file or directory'],
    ['push --nope x', 125, 'unknown flag: --nope'],
    ['tag a b', 1, 'Error response from daemon: No such image: a:latest'],
    ['login -u a', 1, 'Error: Cannot perform an interactive login from a non TTY device'],
    ['pull registry.lab.test/learner/none:1', 1, 'unauthorized: HTTP Basic: Access denied.'],
    ['pull alpine', 1, 'dial tcp: lookup registry-1.docker.io: no such host'],
  ])('docker %s', async (command, code, message) => {
    const result = await docker(command)
    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })

  it('refuses a wrong password and keeps nothing of it', async () => {
    const wrong = await docker('login registry.lab.test -u gitlab-ci-token -p wrong')
    expect(wrong.stderr).toContain('WARNING! Using --password via the CLI is insecure. Use --password-stdin.')
    expect(wrong.stderr).toContain(
      'Error response from daemon: Get "http://registry.lab.test/v2/": unauthorized: HTTP Basic: Access denied.',
    )
    expect([wrong.code, existsSync(join(directory, 'home/.docker'))]).toEqual([1, false])
  })

  it('stores credentials only where the job may write', async () => {
    const elsewhere = join(directory, 'elsewhere')
    const env = { DOCKER_CONFIG: elsewhere }
    const refused = await docker('login registry.lab.test -u gitlab-ci-token --password-stdin', 'right', env)
    expect(refused.stderr).toContain(`${elsewhere} is not below the job's own HOME or its checkout`)
    expect(existsSync(elsewhere)).toBe(false)
  })

  it('says so when the daemon is gone', async () => {
    const { bin, env } = tools
    writeFileSync(join(directory, 'docker.cjs'), readFileSync(join(bin, 'docker.cjs')))
    await daemon.stop()
    const result = await run(process.execPath, [join(directory, 'docker.cjs'), 'images'], { env: { ...env } })
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringContaining('Cannot connect to the Docker daemon at unix://'),
    ])
  })
})
