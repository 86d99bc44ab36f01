import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { Store } from '../core/store.ts'
import { appImage } from './cluster/testing-app.ts'
import { type Kubernetes, startKubernetes } from './index.ts'

const has = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`])
    return true
  } catch {
    return false
  }
}

const MANIFESTS = `
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {greeting: hello}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: nodeapp}
spec:
  replicas: 2
  selector: {matchLabels: {app: nodeapp}}
  template:
    metadata: {labels: {app: nodeapp}}
    spec:
      containers:
      - name: main
        image: registry.lab.test/app:1
        ports: [{containerPort: 8080, name: http}]
        env: [{name: VERSION, value: "1"}, {name: GREETING, valueFrom: {configMapKeyRef: {name: config, key: greeting}}}]
        readinessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 1, failureThreshold: 1}
        volumeMounts: [{name: config, mountPath: /etc/config}]
      volumes: [{name: config, configMap: {name: config}}]
---
apiVersion: v1
kind: Service
metadata: {name: nodeapp}
spec: {selector: {app: nodeapp}, ports: [{port: 80, targetPort: http}]}
`

describe.skipIf(!has('kubectl'))('kubectl and a Node.js app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'))
  const app = appImage(join(folder, 'image'))
  const kubeconfig = join(folder, 'kubeconfig')
  let kubernetes: Kubernetes

  const run = promisify(execFile)
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: kubeconfig }
  const kubectl = async (...args: string[]) => (await run('kubectl', args, { env, timeout: 30_000 })).stdout
  const failing = (...args: string[]) =>
    kubectl(...args).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    )
  const get = (path: string) => kubectl('get', '--raw', `/api/v1/namespaces/default/services/nodeapp:80/proxy${path}`)

  beforeAll(async () => {
    kubernetes = await startKubernetes({
      store: Store.inMemory(),
      stateDir: join(folder, 'state'),
      clock: systemClock(),
      builtInImages: [],
      pull: async (reference) => {
        if (reference === 'registry.lab.test/app:1') return app
        throw new Error(`${reference}: not found`)
      },
      fixedNames: {},
      kubectl: 'kubectl',
      log: () => {},
    })
    writeFileSync(kubeconfig, kubernetes.kubeconfig)
    writeFileSync(join(folder, 'app.yaml'), MANIFESTS)
    await kubectl('apply', '-f', join(folder, 'app.yaml'))
    await kubectl('rollout', 'status', 'deploy/nodeapp', '--timeout=20s')
  })
  afterAll(async () => {
    await kubernetes.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('serves the app through the proxy of its Service, one pod after the other', async () => {
    const answers = [JSON.parse(await get('/a?b=c')), JSON.parse(await get('/a?b=c'))]
    expect(answers[0].url).toBe('/a?b=c')
    expect(new Set(answers.map(({ host }) => host)).size).toBe(2)
  })

  it('gives the app the environment of its pod and nothing of ours, and its mounts', async () => {
    const environment = JSON.parse(await get('/env'))
    expect(environment).toMatchObject({ GREETING: 'hello', NODE_ENV: 'production', NODEAPP_SERVICE_PORT: '80' })
    expect(environment.KUBECONFIG).toBeUndefined()
    expect(environment.USER).toBeUndefined()
    expect(await get('/file?path=/etc/config/greeting')).toBe('hello')
    expect(await get('/file?path=/var/run/secrets/kubernetes.io/serviceaccount/namespace')).toBe('default')
    const outside = await failing(
      'get',
      '--raw',
      '/api/v1/namespaces/default/services/nodeapp:80/proxy/file?path=/etc/passwd',
    )
    expect(outside.stderr).toContain('ENOENT')
  })

  it('lets pods reach one another by the names of Services, and not this machine', async () => {
    expect(JSON.parse(await get(`/fetch?url=${encodeURIComponent('http://nodeapp.default/x')}`)).url).toBe('/x')
    const { port } = new URL(kubernetes.url)
    expect(await get(`/fetch?url=${encodeURIComponent(`http://127.0.0.1:${port}/`)}`)).toBe('ECONNREFUSED')
    expect(await get(`/fetch?url=${encodeURIComponent('http://nobody/')}`)).toBe('ENOTFOUND')
  })

  it('resolves the names of Services for programs of the lab', async () => {
    const answer = await kubernetes.names.fetch('http://nodeapp.default.svc/from-outside')
    expect(((await answer.json()) as { url: string }).url).toBe('/from-outside')
    expect(await kubernetes.names.resolve('example.com', 80)).toBeUndefined()
    await expect(kubernetes.names.resolve('none.default.svc', 80)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('shows logs and runs commands', async () => {
    expect(await kubectl('logs', 'deploy/nodeapp', '--tail=1')).toBe('listening on 8080\n')
    expect(await kubectl('logs', 'deploy/nodeapp', '--timestamps', '--tail=1')).toMatch(
      /^\d{4}-.*000000Z listening on 8080\n$/,
    )
    expect(await kubectl('exec', 'deploy/nodeapp', '--', 'sh', '-c', 'echo $VERSION && ls /etc/config')).toBe(
      '1\ngreeting\n',
    )
    expect(await kubectl('exec', 'deploy/nodeapp', '--', 'node', '-p', '6*7')).toBe('42\n')
    expect((await failing('exec', 'deploy/nodeapp', '--', 'node', '-e', 'process.exit(7)')).code).toBe(7)
    expect((await failing('exec', 'deploy/nodeapp', '--', 'curl', 'x')).stderr).toContain(
      'exec: "curl": executable file not found in $PATH',
    )
  })

  it('forwards ports', async () => {
    const forward: ChildProcess = spawn('kubectl', ['port-forward', 'svc/nodeapp', ':80'], { env })
    try {
      const port = await new Promise<number>((resolve) => {
        forward.stdout?.on('data', (text: Buffer) => {
          const match = /127\.0\.0\.1:(\d+)/.exec(text.toString())
          if (match) resolve(Number(match[1]))
        })
      })
      const answers = await Promise.all(
        Array.from(
          { length: 5 },
          async (_, index) => (await (await fetch(`http://127.0.0.1:${port}/${index}`)).json()) as { url: string },
        ),
      )
      expect(answers.map(({ url }) => url)).toEqual(['/0', '/1', '/2', '/3', '/4'])
    } finally {
      forward.kill()
    }
  })

  it('takes a pod whose probe fails out of the Service', async () => {
    const before = JSON.parse(await get('/')).host
    await get('/unready')
    const hosts = async () => new Set([JSON.parse(await get('/')).host, JSON.parse(await get('/')).host])
    while ((await hosts()).size > 1);
    expect(before).toBeDefined()
    expect(await kubectl('get', 'pods', '-l', 'app=nodeapp', '--no-headers')).toMatch(/0\/1 +Running/)
    await kubectl('delete', 'pods', '-l', 'app=nodeapp', '--wait=false')
    await kubectl('rollout', 'status', 'deploy/nodeapp', '--timeout=20s')
  })

  it('loses no request during a rolling update', async () => {
    let going = true
    const failures: string[] = []
    let answered = 0
    const ask = async () => {
      while (going) {
        try {
          const answer = await kubernetes.names.fetch('http://nodeapp.default.svc/slow')
          if (answer.status !== 200) failures.push(String(answer.status))
          await answer.text()
          answered += 1
        } catch (error) {
          failures.push(String(error))
        }
      }
    }
    const asking = Array.from({ length: 4 }, ask)
    await kubectl('set', 'env', 'deploy/nodeapp', 'VERSION=2')
    await kubectl('rollout', 'status', 'deploy/nodeapp', '--timeout=20s')
    going = false
    await Promise.all(asking)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(4)
    expect(JSON.parse(await get('/')).version).toBe('2')
  })

  it('shows a crash as what it is', async () => {
    await kubectl('run', 'crash', '--image=registry.lab.test/app:1', '--env=CRASH=1')
    const status = () => kubectl('get', 'pod', 'crash', '--no-headers')
    while (!(await status()).includes('CrashLoopBackOff'));
    const previous = await kubectl('logs', 'crash', '--previous')
    expect(previous).toContain('Error: boom')
    expect(previous).toContain('at Object.<anonymous> (/app/server.js:')
    expect(
      await kubectl(
        'get',
        'pod',
        'crash',
        '-o',
        'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}',
      ),
    ).toBe('1')
  })

  it('answers 503 for a Service without endpoints', async () => {
    await kubectl('scale', 'deploy/nodeapp', '--replicas=0')
    await kubectl('wait', 'pods', '-l', 'app=nodeapp', '--for=delete', '--timeout=20s')
    const answer = await failing('get', '--raw', '/api/v1/namespaces/default/services/nodeapp:80/proxy/')
    expect(answer.stderr).toContain('no endpoints available for service "nodeapp"')
  })
})
