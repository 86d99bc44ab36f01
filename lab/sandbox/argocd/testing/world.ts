import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { type Clock, systemClock } from '../../core/clock.ts'
import { closeServer, listenOnLoopback } from '../../core/http.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { CONFIG_MAPS } from '../../core/kube-objects.ts'
import type { Names } from '../../core/names.ts'
import type { Program, ProgramContext } from '../../core/program.ts'
import { APPLICATIONS, type Application, type ApplicationSpec } from '../application.ts'
import { applicationController } from '../controller/program.ts'
import { redis } from '../redis.ts'
import { repoServer } from '../repo-server/program.ts'
import { server } from '../server/program.ts'
import { FakeKube } from './fake-kube.ts'
import { GitServer } from './git-server.ts'

const SERVICES: Readonly<Record<number, string>> = {
  6379: 'argocd-redis',
  8080: 'argocd-server',
  8081: 'argocd-repo-server',
}

type Component = { readonly stop: AbortController; readonly exited: Promise<number>; readonly servers: Server[] }

/** Argo CD's programs over an API server in memory and real git repositories, in one process. */
export class World {
  readonly kube = new FakeKube()
  readonly folder = mkdtempSync(join(tmpdir(), 'gitops-lab-argocd-'))
  readonly git = new GitServer(join(this.folder, 'git'))
  readonly logs: string[] = []
  readonly ports = new Map<string, number>()
  private readonly components = new Map<string, Component>()

  constructor(readonly clock: Clock = systemClock()) {
    mkdirSync(join(this.folder, 'git'))
  }

  readonly names: Names = {
    resolve: async () => undefined,
    fetch: (url, init) => {
      const { hostname, port } = new URL(url)
      const service = hostname.replace(/\.argocd\.svc$/, '')
      if (service === hostname) return fetch(url, init)
      const real = this.ports.get(`${service}:${port || 80}`)
      const refused = Object.assign(new Error('refused'), {
        code: 'ECONNREFUSED',
        address: '10.96.0.7',
        port: Number(port),
      })
      if (real === undefined) return Promise.reject(new TypeError('fetch failed', { cause: refused }))
      return fetch(url.replace(`${hostname}:${port}`, `127.0.0.1:${real}`), init)
    },
  }

  /** Starts git and all components; the controller as soon as the server that it is seen through listens. */
  async startAll(): Promise<void> {
    await this.git.start()
    this.start('argocd-redis', redis)
    this.start('argocd-repo-server', repoServer)
    this.start('argocd-server', server)
    await vi.waitFor(() => expect(this.ports.has('argocd-server:8080')).toBe(true), { timeout: 8000, interval: 10 })
    this.start('argocd-application-controller', applicationController)
  }

  start(name: string, program: Program): void {
    const stop = new AbortController()
    const servers: Server[] = []
    const scratch = join(this.folder, name)
    mkdirSync(scratch, { recursive: true })
    const context: ProgramContext = {
      argv: [name],
      env: new Map([['REDIS_PASSWORD', 'test']]),
      pod: { name, namespace: 'argocd', uid: name },
      signal: stop.signal,
      clock: this.clock,
      kube: this.kube,
      names: this.names,
      kubectl: 'kubectl',
      scratch,
      log: (line) => this.logs.push(`${name}: ${line}`),
      listen: async (port, listener) => {
        const server = createServer(listener)
        servers.push(server)
        const real = await listenOnLoopback(server)
        if (SERVICES[port] && !name.includes('health')) this.ports.set(`${SERVICES[port]}:${port}`, real)
      },
      readFile: () => undefined,
    }
    const exited = program(context).finally(() => Promise.all(servers.map(closeServer)))
    this.components.set(name, { stop, exited, servers })
  }

  /** Stops a component; the Services that it was behind have no endpoint then. */
  async stopComponent(name: string): Promise<void> {
    const component = this.components.get(name)
    component?.stop.abort()
    await component?.exited
    for (const [service] of [...this.ports]) if (service.startsWith(`${name}:`)) this.ports.delete(service)
    this.components.delete(name)
  }

  async stop(): Promise<void> {
    for (const name of [...this.components.keys()]) await this.stopComponent(name)
    await this.git.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async createApplication(name: string, repository: string, spec: Partial<ApplicationSpec> = {}): Promise<void> {
    await this.kube.create(APPLICATIONS, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd' },
      spec: {
        project: 'default',
        source: { repoURL: `${this.git.url}/${repository}.git`, path: 'app', targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'demo' },
        ...spec,
      },
    })
  }

  async application(name: string): Promise<Application> {
    return (await this.kube.get(APPLICATIONS, name, 'argocd')) as Application
  }

  patchApplication(name: string, patch: object): Promise<KubeObject> {
    return this.kube.patch(APPLICATIONS, name, 'argocd', 'merge', patch)
  }

  configMap(name: string): Promise<KubeObject> {
    return this.kube.get(CONFIG_MAPS, name, 'demo')
  }
}

export const configMap = (name: string, data: object, annotations: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data })
