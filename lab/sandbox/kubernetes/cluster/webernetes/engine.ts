import { Cluster } from '@ngrok/webernetes'
import type { Events } from '../events.ts'
import type { Objects } from '../objects.ts'
import { writerOf } from '../objects.ts'
import { type EngineApi, withEngineApi } from './api.ts'
import { runWorkloadControllers } from './controllers.ts'
import { type CriOptions, createCri } from './cri.ts'
import { type KubeletOptions, patchKubelet, probeNow } from './kubelet.ts'

export type EngineOptions = {
  readonly objects: Objects
  readonly events: Events
  readonly nodes: number
  readonly kubelet: KubeletOptions
  /** The runtime of a node, by the node's index from 0. */
  cri(index: number): CriOptions
}

/** The kubelets, and the Deployment and ReplicaSet controllers, of webernetes over our API server. */
export class Engine {
  private readonly cluster: Cluster

  constructor(private readonly options: EngineOptions) {
    const { objects, events } = options
    const api: EngineApi = { objects, events, writer: writerOf('kubelet', 'system:node') }
    this.cluster = withEngineApi(api, () => new Cluster({ nodes: options.nodes }))
    this.cluster.servers.forEach((server, index) => {
      Object.assign(server.runtime, createCri(options.cri(index)))
      patchKubelet(server, options.kubelet)
    })
  }

  get nodes(): readonly { readonly name: string; readonly address: string }[] {
    return this.cluster.servers.map(({ name, ipAddresses }) => ({ name, address: ipAddresses[0] as string }))
  }

  /** Starts the kubelets; the nodes must exist. */
  async start(): Promise<void> {
    for (const server of this.cluster.servers) await server.boot(this.cluster.ctx)
  }

  runControllers(signal: AbortSignal): Promise<void> {
    const { objects, events } = this.options
    return runWorkloadControllers(
      this.cluster,
      { objects, events, writer: writerOf('kube-controller-manager') },
      signal,
    )
  }

  /** A container has ended: its kubelet looks at the pod now and not at its next round. */
  containerEnded(podUid: string): void {
    for (const { kubelet } of this.cluster.servers) kubelet.requestPodRelist(podUid)
  }

  containerListens(podUid: string, container: string): void {
    for (const server of this.cluster.servers) probeNow(server, podUid, container)
  }

  /** Tries a pod again whose volumes could not be mounted. */
  async retry(podUid: string): Promise<void> {
    for (const { kubelet } of this.cluster.servers) {
      const pod = kubelet.podManager.getPodByUid(podUid)
      if (pod) await kubelet.handlePodSyncs(this.cluster.ctx, [pod])
    }
  }

  stop(): Promise<void> {
    return this.cluster.close()
  }
}
