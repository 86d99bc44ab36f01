import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argocdImages } from './argocd/index.ts'
import type { Clock, PendingTimer } from './core/clock.ts'
import type { Endpoint, Names } from './core/names.ts'
import { Store } from './core/store.ts'
import { createDockerDaemon } from './docker/index.ts'
import { fluxImages } from './flux/index.ts'
import { createGitlab, type Gitlab, type WebAccess } from './gitlab/index.ts'
import { imageUpdaterImage } from './image-updater/index.ts'
import { type Kubernetes, startKubernetes } from './kubernetes/index.ts'
import { createImageStore, createRegistry, createRegistryClient, type Registry } from './registry/index.ts'
import { Snapshots } from './snapshots.ts'

export type SandboxOptions = {
  /** Folder of the sandbox's own: stores, repositories, blobs, logs. Made with mode 0700 if absent. */
  readonly stateDir: string
  readonly clock: Clock
  /** A kubectl binary, used for its kustomize. */
  readonly kubectl: string
  /** Globs of image references that are treated as `registry.k8s.io/pause` when no registry has them. */
  readonly simulateImages?: readonly string[]
  /** Lets GitLab be reached from beyond this machine; without it everything listens on loopback alone. */
  readonly web?: WebAccess
  /** Folders of others that belong to a snapshot: the learner's clones. */
  readonly folders?: Readonly<Record<string, string>>
  /** What the sandbox has to say, a line each; secrets are left out. */
  log(line: string): void
}

export type Sandbox = {
  readonly kubernetes: {
    readonly url: string
    /** A kubeconfig file in the state folder, mode 0600, context `gitops-lab`. */
    readonly kubeconfig: string
  }
  readonly gitlab: {
    /** `http://127.0.0.1:<port>` */
    readonly url: string
    readonly user: string
    /** Scope api. */
    readonly token: string
    /** Scope write_repository. */
    readonly writeToken: string
  }
  /** `127.0.0.1:<port>` of the registry that is `registry.lab.test` inside. */
  readonly registry: { readonly host: string }
  /** Calls `changed` with the part's name after each write to its store, until the returned function is called. */
  subscribe(changed: (part: string) => void): () => void
  /** Labelled timers of all components, the next one first. */
  timers(): readonly PendingTimer[]
  /** Saves every store under a name, replacing an older one of that name. */
  snapshot(name: string): Promise<void>
  /** Puts every store back to what it was; false if there is no such snapshot. */
  restore(name: string): Promise<boolean>
  snapshots(): Promise<readonly { readonly name: string; readonly takenAt: number }[]>
  stop(): Promise<void>
}

const PARTS = ['kubernetes', 'gitlab', 'registry'] as const
type Part = (typeof PARTS)[number]

type Running = {
  readonly kubernetes: Kubernetes
  readonly gitlab: Gitlab
  readonly registry: Registry
  stop(): Promise<void>
}

/** Starts the whole world, or goes on with the one that the state folder holds. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { stateDir, clock } = options
  mkdirSync(join(stateDir, 'stores'), { recursive: true, mode: 0o700 })
  const stores = Object.fromEntries(
    PARTS.map((part) => [part, Store.open(join(stateDir, 'stores', `${part}.jsonl`))]),
  ) as Record<Part, Store>
  const snapshots = new Snapshots({
    directory: join(stateDir, 'snapshots'),
    stores,
    folders: {
      repositories: join(stateDir, 'gitlab', 'repositories'),
      traces: join(stateDir, 'gitlab', 'traces'),
      artifacts: join(stateDir, 'gitlab', 'artifacts'),
      ...options.folders,
    },
    now: () => clock.now(),
  })
  let running = await startParts(options, stores)
  const kubeconfig = join(stateDir, 'kubeconfig')
  const writeKubeconfig = () => writeFileSync(kubeconfig, running.kubernetes.kubeconfig, { mode: 0o600 })
  writeKubeconfig()

  /** Stops the world, does something to its state, and starts it again. */
  const whileStopped = async (act: () => void): Promise<void> => {
    await running.stop()
    try {
      act()
    } finally {
      running = await startParts(options, stores)
      writeKubeconfig()
    }
  }

  const { gitlab, registry, kubernetes } = running
  return {
    kubernetes: { url: kubernetes.url, kubeconfig },
    gitlab: { url: gitlab.url, user: gitlab.user, token: gitlab.token, writeToken: gitlab.writeToken },
    registry: { host: registry.host },
    subscribe(changed) {
      const stops = PARTS.map((part) => stores[part].subscribe('', () => changed(part)))
      return () => {
        for (const stop of stops) stop()
      }
    },
    timers: () => clock.pending(),
    snapshot: (name) => whileStopped(() => snapshots.take(name)),
    async restore(name) {
      if (!snapshots.has(name)) return false
      await whileStopped(() => snapshots.restore(name))
      return true
    },
    snapshots: async () => snapshots.list(),
    async stop() {
      await running.stop()
      for (const part of PARTS) stores[part].close()
    },
  }
}

async function startParts(options: SandboxOptions, stores: Record<Part, Store>): Promise<Running> {
  const { stateDir, clock, log, kubectl } = options
  const scratch = join(stateDir, 'scratch')
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  const fixedNames: Record<string, Endpoint> = {}
  const late = { names: undefined as Names | undefined, gitlab: undefined as Gitlab | undefined }
  let namesKnown: (names: Names) => void = () => {}
  const names = new Promise<Names>((resolve) => {
    namesKnown = resolve
  })
  // Jobs that were cut off run again before the cluster is up.
  const namedFetch = async (url: string, init?: RequestInit): Promise<Response> => (await names).fetch(url, init)

  const registry = await createRegistry({
    store: stores.registry,
    stateDir: join(stateDir, 'registry'),
    port: keptPort(stores.registry),
    clock,
    realm: () => `${late.gitlab?.url}/jwt/auth`,
    log,
  })
  keepPort(stores.registry, registry.port)
  fixedNames['registry.lab.test'] = { host: '127.0.0.1', port: registry.port, tls: false }
  const docker = createDockerDaemon({
    directory: join(scratch, 'docker'),
    fetch: namedFetch,
    nodeVersion: process.version,
    clock,
    log,
  })
  const gitlab = await createGitlab({
    store: stores.gitlab,
    stateDir: join(stateDir, 'gitlab'),
    web: options.web,
    clock,
    names: () => late.names,
    issueRegistryToken: registry.issueRegistryToken,
    registry,
    jobTools: docker.toolsFor,
    log,
  })
  late.gitlab = gitlab
  const images = createImageStore({
    directory: join(stateDir, 'images'),
    client: createRegistryClient({ fetch: namedFetch }),
  })
  const controllerOptions = { createRegistryClient, gitlabUrl: gitlab.url }
  const kubernetes = await startKubernetes({
    store: stores.kubernetes,
    stateDir: join(stateDir, 'kubernetes'),
    port: keptPort(stores.kubernetes),
    clock,
    builtInImages: [...fluxImages(controllerOptions), ...argocdImages(), imageUpdaterImage(controllerOptions)],
    pull: images.pull,
    find: images.find,
    simulateImages: options.simulateImages,
    fixedNames,
    kubectl,
    log,
  })
  keepPort(stores.kubernetes, Number(new URL(kubernetes.url).port))
  late.names = kubernetes.names
  namesKnown(kubernetes.names)
  return {
    kubernetes,
    gitlab,
    registry,
    async stop() {
      await gitlab.stop()
      await kubernetes.stop()
      await docker.stop()
      await registry.stop()
    },
  }
}

const PORT = '/port'
const keptPort = (store: Store): number | undefined => store.get(PORT)?.value as number | undefined
const keepPort = (store: Store, port: number): void => {
  if (keptPort(store) !== port) store.put(PORT, port)
}
