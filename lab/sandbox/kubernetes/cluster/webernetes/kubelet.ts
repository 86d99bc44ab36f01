import type { Cluster } from '@ngrok/webernetes'
import type { Clock } from '../../../core/clock.ts'
import type { KubeObject } from '../../types.ts'
import { nextContainers } from '../runtime/init-containers.ts'
import { MountError } from '../runtime/volumes.ts'

type Server = Cluster['servers'][number]
type Kubelet = Server['kubelet']
type SyncPod = Server['containerRuntime']['syncPod']
type SyncResult = Awaited<ReturnType<SyncPod>>
type ProbeResult = 'success' | 'failure' | 'unknown'
type Pod = Parameters<SyncPod>[1]
type Probed = [result: ProbeResult, output: string, error: Error | undefined]

export type Probes = {
  http(url: URL, headers: Readonly<Record<string, readonly string[]>>, timeoutMs: number): Promise<Probed>
  tcp(host: string, port: number, timeoutMs: number): Promise<Probed>
}

export type KubeletOptions = {
  readonly clock: Clock
  readonly probes: Probes
  // biome-ignore lint/suspicious/noExplicitAny: a container of a pod spec
  environment(pod: KubeObject, container: any, podIp: string): Record<string, string>
  /** @throws MountError */
  mount(pod: KubeObject): void
  mountFailed(pod: KubeObject, message: string): void
}

type InitStatus = {
  name: string
  started?: boolean
  ready?: boolean
  state?: { running?: object; terminated?: { exitCode: number } }
}

/** What webernetes' classes have but do not declare for others to use. */
type Inside = {
  convertStatusToAPIStatus(
    ctx: unknown,
    pod: KubeObject,
    ...args: unknown[]
  ): {
    initContainerStatuses?: InitStatus[]
    containerStatuses?: { state?: { waiting?: { reason?: string } } }[]
  }
  makeEnvironmentVariables(...args: Parameters<Kubelet['makeEnvironmentVariables']>): Promise<unknown>
  probeManager: {
    startedAt: Date
    prober: { http: unknown; tcp: unknown }
    workers: Iterable<[{ podUid: string; containerName: string; probeType: string }, { triggerManualRun(): void }]>
  }
}

/** Replaces the parts of a webernetes kubelet that do less than the real one. */
export function patchKubelet(server: Server, options: KubeletOptions): void {
  const kubelet = server.kubelet
  const inside = kubelet as unknown as Inside
  const runtime = server.containerRuntime
  runtime.type = () => 'containerd'

  // The kubelet compares times in milliseconds where the real one has nanoseconds: what is asked for in the same
  // millisecond as the last look would wait for the next round, a second later.
  kubelet.requestPodRelist = (podUid) => {
    options.clock.setTimeout(() => kubelet.pleg.requestRelist(podUid), 2)
  }

  // Whoever waits for a newer look at a pod has it made, and does not wait for the next round.
  const getNewerThan = kubelet.podCache.getNewerThan.bind(kubelet.podCache)
  kubelet.podCache.getNewerThan = (ctx, podUid, time) => {
    kubelet.requestPodRelist(podUid)
    return getNewerThan(ctx, podUid, time)
  }

  inside.makeEnvironmentVariables = async (_, pod, container, podIp) => {
    try {
      const variables = options.environment(pod as KubeObject, container, podIp)
      return [Object.entries(variables).map(([name, value]) => ({ name, value })), undefined]
    } catch (error) {
      return [[], error]
    }
  }

  const convertStatus = inside.convertStatusToAPIStatus.bind(kubelet)
  inside.convertStatusToAPIStatus = (ctx, pod, ...args) => {
    const status = convertStatus(ctx, pod, ...args)
    const inits = (pod['spec'].initContainers ?? []) as { name: string; restartPolicy?: string }[]
    for (const init of status.initContainerStatuses ?? []) {
      const isSidecar = inits.some(({ name, restartPolicy }) => name === init.name && restartPolicy === 'Always')
      init.started = init.state?.running !== undefined
      init.ready = (isSidecar && init.started) || init.state?.terminated?.exitCode === 0
    }
    for (const { state } of status.initContainerStatuses?.length ? (status.containerStatuses ?? []) : []) {
      if (state?.waiting?.reason === 'ContainerCreating') state.waiting.reason = 'PodInitializing'
    }
    return status
  }

  const { probeManager } = inside
  // A kubelet that has just started spreads its first probes over a whole period, for the sake of large nodes.
  probeManager.startedAt = new Date(0)
  probeManager.prober.http = {
    probe: (_: unknown, request: { url: URL; header: Record<string, string[]> }, timeoutMs: number) =>
      options.probes.http(request.url, request.header, timeoutMs),
  }
  probeManager.prober.tcp = { probe: options.probes.tcp }

  const syncPod = runtime.syncPod.bind(runtime)
  runtime.syncPod = async (ctx, pod, status, ...rest) => {
    try {
      options.mount(pod as KubeObject)
    } catch (error) {
      if (!(error instanceof MountError)) throw error
      options.mountFailed(pod as KubeObject, error.message)
      return failed(error)
    }
    const containers = nextContainers(pod as KubeObject, status.containerStatuses)
    const result = await syncPod(ctx, containers as typeof pod, status, ...rest)
    for (const sync of result.syncResults) sync.message = sync.message.replace(/\bback-off (\d+)ms\b/, goBackOff)
    showFailure(pod, result.error()?.message)
    return result
  }

  const shown = new Map<string, string>()
  /** Why containers cannot start is in the status that the next sync writes: when the reason is new, that is now. */
  function showFailure(pod: Pod, message: string | undefined): void {
    const { uid = '' } = pod.metadata ?? {}
    if (message === shown.get(uid)) return
    if (message === undefined) return void shown.delete(uid)
    shown.set(uid, message)
    options.clock.setTimeout(() => void kubelet.handlePodSyncs(server.cluster.ctx, [pod]), 20)
  }
}

/** Makes a container's readiness and startup probes run now: it has just begun to listen. */
export function probeNow(server: Server, podUid: string, container: string): void {
  for (const [key, worker] of (server.kubelet as unknown as Inside).probeManager.workers) {
    const concerned = key.podUid === podUid && key.containerName === container && key.probeType !== 'liveness'
    if (concerned) worker.triggerManualRun()
  }
}

/** Go prints a duration of 300 s as `5m0s`. */
const goBackOff = (_: string, ms: string): string => {
  const seconds = Math.round(Number(ms) / 1000)
  return `back-off ${seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`}`
}

const failed = (error: Error): SyncResult =>
  ({ syncResults: [], syncError: error, error: () => error }) as unknown as SyncResult
