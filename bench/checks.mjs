// Measures the checks of the finished course: all of a step together, a change until its verdict, and idling. Asserts nothing.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { baseline, median, ms, row, usage } from './measure.mjs'

const bin = resolve('bin/gitops-lab.mjs')
const home = mkdtempSync(join(tmpdir(), 'gl-bench-'))
const base = { PATH: process.env.PATH, HOME: home }
const lab = (...args) => spawnSync(process.execPath, [bin, ...args], { env: base, encoding: 'utf8' })
const state = join(home, '.local', 'state', 'gitops-lab')

/** A client of the background process: JSON lines over its socket. */
function attach(path) {
  const socket = createConnection(path)
  const waiting = new Map()
  const listeners = new Set()
  let rest = ''
  let id = 0
  let ready
  const isReady = new Promise((done) => {
    ready = done
  })
  socket.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      const message = JSON.parse(line)
      if (message.kind === 'ready') ready(message.state)
      if (message.kind === 'reply') waiting.get(message.id)?.(message.value)
      if (message.kind === 'event') for (const listen of listeners) listen(message.recorded)
    }
  })
  return {
    isReady,
    listeners,
    dispatch: (intent) =>
      new Promise((done) => {
        waiting.set(++id, done)
        socket.write(`${JSON.stringify({ kind: 'dispatch', id, intent })}\n`)
      }),
    end: () => socket.destroy(),
  }
}

/** When a verdict of a task is recorded that says this, by the clock of the background process. */
const verdictOf = (client, task, said) =>
  new Promise((done) => {
    const listen = ({ at, event }) => {
      if (event.kind !== 'checked' || event.task !== task || !JSON.stringify(event).includes(said)) return
      client.listeners.delete(listen)
      done(at)
    }
    client.listeners.add(listen)
  })

const closed = (child) => new Promise((done) => child.on('close', () => done(Date.now())))

try {
  baseline()
  lab('run', '--until', '1')
  const { socket, pid } = JSON.parse(readFileSync(join(state, 'serve.json'), 'utf8'))
  const client = attach(socket)
  const { outline } = await client.isReady
  const exported = spawnSync('bash', ['-c', `${lab('env').stdout}\nenv -0`], { env: base, encoding: 'utf8' }).stdout
  const env = Object.fromEntries(
    exported
      .split('\0')
      .filter(Boolean)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  const bash = (script) => spawn('bash', ['-c', script], { env, stdio: 'ignore' })
  const watch = async (task) => {
    await client.dispatch({ kind: 'enter', task })
    await client.dispatch({ kind: 'check', tasks: [task], now: true })
  }
  const push = (name, template) =>
    `cd "$LAB_DIR" && cp -R templates/${template} ${name} && cd ${name} && git init -q && git add . && git commit -qm One &&
     git remote add origin "$GITLAB_URL/$GITLAB_USER/${name}.git"`

  await closed(bash(push('my-nodejs-app-config', 'config')))
  await watch('gitlab/push-config')
  const inGit = verdictOf(client, 'gitlab/push-config', '"passed"')
  const pushed = await closed(bash('cd "$LAB_DIR/my-nodejs-app-config" && git push -q origin HEAD:main'))
  row('a change in Git until its verdict', ms(Math.max(0, (await inGit) - pushed)), '< 500 ms')

  await closed(bash(push('my-nodejs-app', 'app')))
  await watch('gitlab/push-app')
  const inRegistry = verdictOf(client, 'gitlab/push-app', '"passed"')
  await closed(bash('cd "$LAB_DIR/my-nodejs-app" && git push -q origin HEAD:main'))
  const seen = await inRegistry
  const pipelines = `${env.GITLAB_URL}/api/v4/projects/${env.GITLAB_USER}%2Fmy-nodejs-app/pipelines/latest`
  const { finished_at } = await (await fetch(pipelines, { headers: { 'private-token': env.GITLAB_TOKEN } })).json()
  row('the image of a pipeline until its verdict', ms(seen - Date.parse(finished_at)), '< 500 ms')

  await closed(
    bash(
      'kubectl create namespace argocd && kubectl apply -n argocd --server-side -f "$LAB_DIR/manifests/argocd/install.yaml"',
    ),
  )
  await watch('argocd/connect-repository')
  const inCluster = verdictOf(client, 'argocd/connect-repository', '"passed"')
  const proxy = spawn('kubectl', ['proxy', '--port=0'], { env })
  const [port] = await new Promise((done) => proxy.stdout.once('data', (line) => done(/\d+$/m.exec(line))))
  const labels = { 'argocd.argoproj.io/secret-type': 'repository' }
  const url = `${env.GITLAB_URL}/${env.GITLAB_USER}/my-nodejs-app-config.git`
  const secret = { metadata: { name: 'config', labels }, stringData: { type: 'git', url } }
  const created = Date.now()
  await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/argocd/secrets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(secret),
  })
  row('a change in the cluster until its verdict', ms((await inCluster) - created), '< 500 ms')
  proxy.kill()
  for (const name of ['my-nodejs-app', 'my-nodejs-app-config']) {
    const url = `${env.GITLAB_URL}/api/v4/projects/${env.GITLAB_USER}%2F${name}?visibility=public`
    await fetch(url, { method: 'PUT', headers: { 'private-token': env.GITLAB_TOKEN } })
  }
  await client.dispatch({ kind: 'enter', task: 'gitlab/create-projects' })
  client.end()

  const whole = lab('run')
  if (whole.status !== 0) console.log(whole.stdout.slice(-2000), whole.stderr)
  const again = attach(socket)
  await again.isReady
  for (const step of outline.steps) {
    const tasks = step.tasks.map(({ key }) => key)
    const times = []
    for (let round = 0; round < 5; round++) {
      const begin = performance.now()
      await again.dispatch({ kind: 'check', tasks, now: true })
      times.push(performance.now() - begin)
    }
    row(`all checks of ${step.name}`, ms(median(times)), '< 300 ms')
  }
  const before = usage(pid).cpu
  await new Promise((done) => setTimeout(done, 20_000))
  row('idle, over 20 s', `${(((usage(pid).cpu - before) / 20) * 100).toFixed(1)} %`, '< 2 % of a core')
  again.end()
} finally {
  lab('down')
  rmSync(home, { recursive: true, force: true })
}
