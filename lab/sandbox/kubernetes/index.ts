import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { KubeClient } from '../core/kube-client.ts'
import { createKubeClient } from '../core/kube-http.ts'
import type { Endpoint, Names } from '../core/names.ts'
import type { BuiltInImage } from '../core/program.ts'
import type { Store } from '../core/store.ts'
import { createApiServer } from './api/index.ts'
import { type ClusterOptions, createCluster } from './cluster/index.ts'
import { kubeconfigFor } from './cluster/kubeconfig.ts'
import type { Connector } from './types.ts'

export type KubernetesOptions = {
  readonly store: Store
  /** A folder of its own: keys and certificates, and the files of running containers. */
  readonly stateDir: string
  /** 0 or absent: a free one. */
  readonly port?: number
  readonly clock: Clock
  /** 1 unless told otherwise. */
  readonly nodes?: number
  readonly builtInImages: readonly BuiltInImage[]
  readonly pull: ClusterOptions['pull']
  /** The image that was last pulled by a reference, for `imagePullPolicy: IfNotPresent`; without it, every start pulls. */
  readonly find?: ClusterOptions['find']
  /** Globs of image references that are treated as `registry.k8s.io/pause` when no registry has them. */
  readonly simulateImages?: readonly string[]
  /** Names that pods can reach beside Services: `registry.lab.test`, or `host:port` for one port only. */
  readonly fixedNames: Readonly<Record<string, Endpoint>>
  readonly kubectl: string
  log(line: string): void
}

export type Kubernetes = {
  readonly url: string
  /** The text of a kubeconfig for the administrator, context `gitops-lab`. */
  readonly kubeconfig: string
  readonly names: Names
  /** The API with the rights of a service account, which must exist. */
  clientFor(namespace: string, serviceAccount: string): KubeClient
  /** Stops every container, then the API server. */
  stop(): Promise<void>
}

/** Starts an API server over the store and the cluster behind it; pods that the store knows start again. @throws PortTaken */
export async function startKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const { store, stateDir, clock, log, fixedNames } = options
  let connector: Connector | undefined
  const whenReady = (): Connector => {
    if (!connector) throw new Error('the cluster is not up yet')
    return connector
  }
  const api = createApiServer({
    store,
    clock,
    stateDir,
    port: options.port,
    connector: {
      serve: async (connection, response) => whenReady().serve(connection, response),
      upgrade: async (connection, socket, head) => whenReady().upgrade(connection, socket, head),
    },
    log,
  })
  const url = await api.start()
  const { hostname, port } = new URL(url)
  const apiEndpoint: Endpoint = { host: hostname, port: Number(port), tls: true }
  const clientFor = (namespace: string, serviceAccount: string): KubeClient =>
    createKubeClient({ url, ca: api.caCertificate, token: api.tokenFor(namespace, serviceAccount), clock })
  const cluster = createCluster({
    registry: api.registry,
    clock,
    directory: join(stateDir, 'run'),
    nodes: options.nodes ?? 1,
    builtInImages: options.builtInImages,
    simulateImages: options.simulateImages ?? [],
    pull: options.pull,
    find: options.find,
    fixedNames: { 'kubernetes.default.svc': apiEndpoint, ...fixedNames },
    kubectl: options.kubectl,
    clientFor,
    tokenFor: api.tokenFor,
    log,
  })
  connector = cluster.connector
  await cluster.start()
  return {
    url,
    kubeconfig: kubeconfigFor({ url, ca: api.caCertificate, token: api.adminToken }),
    names: cluster.names,
    clientFor,
    stop: async () => {
      await cluster.stop()
      await api.stop()
    },
  }
}
