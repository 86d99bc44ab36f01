import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { ManualClock } from '../../core/clock.ts'
import { git } from '../../core/git.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { ProgramContext } from '../../core/program.ts'
import { Store } from '../../core/store.ts'
import {
  createRegistry,
  createRegistryClient,
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  digestOf,
  type Registry,
} from '../../registry/index.ts'
import { imageUpdaterProgram } from '../program.ts'
import type { Condition, Status } from '../status.ts'
import { FakeKube } from './fake-kube.ts'

export const registryName = 'registry.lab.test'
const identity = {
  GIT_AUTHOR_NAME: 'dev',
  GIT_AUTHOR_EMAIL: 'd@x',
  GIT_COMMITTER_NAME: 'dev',
  GIT_COMMITTER_EMAIL: 'd@x',
}

/** A registry, a repository, an API server in memory and the program, anew for each test. */
export function withWorld() {
  let directory: string
  let registry: Registry
  let kube: FakeKube
  let clock: ManualClock
  let lines: string[]
  let stop: AbortController
  let ended: Promise<number>
  let files: Map<string, string>

  /** Adds a token for everything, which GitLab would have given. */
  const inside = (url: string, init: RequestInit = {}) => {
    const name = /\/v2\/(.+?)\/(?:tags|manifests|blobs)\//.exec(url)?.[1] ?? ''
    const token = registry.issueRegistryToken([{ type: 'repository', name, actions: ['*'] }], 'learner')
    const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${token}` }
    return fetch(url.replace(`//${registryName}`, `//${registry.host}`), { ...init, headers })
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gitops-lab-updater-'))
    mkdirSync(join(directory, 'scratch'))
    kube = new FakeKube()
    clock = new ManualClock()
    lines = []
    files = new Map()
    registry = await createRegistry({
      store: Store.inMemory(),
      stateDir: join(directory, 'registry'),
      clock,
      realm: () => '',
      log: () => {},
    })
  })

  afterEach(async () => {
    stop?.abort()
    await ended
    await registry.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  function start(env: Record<string, string> = {}): void {
    stop = new AbortController()
    const context: ProgramContext = {
      argv: ['/manager', 'run'],
      env: new Map(Object.entries(env)),
      pod: { name: 'updater', namespace: 'argocd', uid: 'u' },
      signal: stop.signal,
      clock,
      kube,
      names: { resolve: async () => undefined, fetch: inside },
      kubectl: 'kubectl',
      scratch: join(directory, 'scratch'),
      log: (line) => lines.push(line),
      listen: async () => {},
      readFile: (path) => files.get(path),
    }
    // A file URL has no host, so that the test needs no git server.
    ended = imageUpdaterProgram({ plainHosts: [''], registryClient: createRegistryClient })(context)
  }

  async function pushImage(repository: string, tag: string, created = '2026-01-01T00:00:00Z'): Promise<string> {
    const client = createRegistryClient({ fetch: inside })
    const reference = `${registryName}/${repository}:${tag}`
    const config = Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', created, rootfs: { type: 'layers', diff_ids: [] } }),
    )
    await client.pushBlob(reference, digestOf(config), config)
    const manifest = {
      schemaVersion: 2,
      mediaType: DOCKER_MANIFEST,
      config: { mediaType: DOCKER_CONFIG, digest: digestOf(config), size: config.length },
      layers: [],
    }
    return (await client.pushManifest(reference, DOCKER_MANIFEST, Buffer.from(JSON.stringify(manifest)))).digest
  }

  const origin = () => `file://${join(directory, 'cfg.git')}`

  async function newRepository(kustomization: string): Promise<void> {
    await git(['init', '-q', '--bare', join(directory, 'cfg.git')])
    const clone = join(directory, 'cfg')
    await git(['clone', '-q', origin(), clone])
    mkdirSync(join(clone, 'web'))
    writeFileSync(join(clone, 'web/kustomization.yaml'), kustomization)
    await git(['add', '-A'], { cwd: clone })
    await git(['commit', '-q', '-m', 'first'], { cwd: clone, env: identity })
    await git(['push', '-q', 'origin', 'HEAD:main'], { cwd: clone })
  }

  const lastCommit = () => git(['log', '-1', '--format=%an <%ae>%n%B', 'main'], { cwd: join(directory, 'cfg.git') })
  const fileInGit = (path: string) => git(['show', `main:${path}`], { cwd: join(directory, 'cfg.git') })
  const commits = async () =>
    (await git(['log', '--format=%h', 'main'], { cwd: join(directory, 'cfg.git') })).trim().split('\n').length

  function application(
    name: string,
    images: string[],
    more: { sourceType?: string; annotations?: Record<string, string>; labels?: Record<string, string> } = {},
  ): void {
    kube.put('applications', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd', uid: name, annotations: more.annotations, labels: more.labels },
      spec: { project: 'default', source: { repoURL: origin(), path: 'web', targetRevision: 'main' } },
      status: { sourceType: more.sourceType ?? 'Kustomize', summary: { images } },
    })
  }

  async function updater(spec: object, name = 'web'): Promise<Status> {
    const old = kube.find('imageupdaters', name)
    kube.put('imageupdaters', {
      ...old,
      apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
      kind: 'ImageUpdater',
      metadata: { ...old?.metadata, name, namespace: 'argocd' },
      spec,
    } as KubeObject)
    return idle(name)
  }

  const idle = (name = 'web') =>
    vi.waitFor(() => {
      const object = kube.find('imageupdaters', name) as KubeObject
      const status = object['status'] as Status
      expect(status?.observedGeneration).toBe(object.metadata.generation)
      expect(status.conditions?.[0]?.status).toBe('False')
      return status
    }, 10_000)

  const secret = (name: string, data: Record<string, string>, labels?: Record<string, string>) =>
    kube.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'argocd', labels },
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    })

  return {
    get kube() {
      return kube
    },
    get clock() {
      return clock
    },
    /** What the program logged. */
    get lines() {
      return lines
    },
    /** Files of mounted volumes. */
    get files() {
      return files
    },
    start,
    /** Stops the container and resolves with its exit code. */
    stop() {
      stop.abort()
      return ended
    },
    pushImage,
    origin,
    newRepository,
    lastCommit,
    fileInGit,
    commits,
    application,
    updater,
    idle,
    secret,
  }
}

export const shown = ({ applicationsMatched, imagesManaged, recentUpdates, conditions }: Status) => [
  `${applicationsMatched} applications, ${imagesManaged} images`,
  (recentUpdates as { alias: string; newVersion: string }[] | undefined)
    ?.map(({ alias, newVersion }) => `${alias} ${newVersion}`)
    .join(', ') ?? '',
  ...(conditions as Condition[])
    .slice(1)
    .map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`),
]

export const web = `${registryName}/learner/web`
export const succeeded = (applications: number, images: number) => [
  'Error=False NoErrors: No errors during last reconciliation.',
  `Ready=True ReconcileSucceeded: Reconciled ${applications} applications, ${images} images updated.`,
]
export const partial = (applications: number, errors: number, images: number) => [
  `Error=True PartialErrors: ${errors} error(s) occurred during image update checks.`,
  `Ready=True ReconcileCompletedWithErrors: Reconciled ${applications} applications with ${errors} errors, ${images} images updated.`,
]
export const gitBack = {
  method: 'git:secret:argocd/creds',
  gitConfig: { branch: 'main', writeBackTarget: 'kustomization' },
}
