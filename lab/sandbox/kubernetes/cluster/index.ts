import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import type { Endpoint, Names } from '../../core/names.ts'
import type { BuiltInImage } from '../../core/program.ts'
import type { Connector, KubeObject, Registry } from '../types.ts'
import {
  type Component,
  componentImages,
  ensureControlPlane,
  ensureNodes,
  markPodsUnready,
  podNetwork,
} from './bootstrap.ts'
import { runEndpointsController } from './controllers/endpoints-controller.ts'
import { runJobController } from './controllers/job-controller.ts'
import { runScheduler } from './controllers/scheduler.ts'
import { runStatefulSetController } from './controllers/stateful-set-controller.ts'
import { Events, referenceTo } from './events.ts'
import { createConnect } from './network/connect.ts'
import { createNames } from './network/names.ts'
import { createProbes } from './network/probes.ts'
import { ServiceRouter } from './network/services.ts'
import { Objects } from './objects.ts'
import { pullSecretsOf } from './pull-secrets.ts'
import { Container, type Host } from './runtime/container.ts'
import { environmentOf } from './runtime/environment.ts'
import { execInContainer } from './runtime/exec.ts'
import { removeFolder } from './runtime/folder.ts'
import { Images, type PulledFiles, type PullSecret } from './runtime/images.ts'
import { createLaunch } from './runtime/launch.ts'
import { PodNetwork } from './runtime/network.ts'
import { PodVolumes } from './runtime/volumes.ts'
import { createConnector } from './streams/connector.ts'
import type { ContainerTable } from './webernetes/cri.ts'
import { Engine } from './webernetes/engine.ts'

export type ClusterOptions = {
  readonly registry: Registry
  readonly clock: Clock
  /** A folder for containers and volumes; what is in it from before is removed. */
  readonly directory: string
  readonly nodes: number
  readonly builtInImages: readonly BuiltInImage[]
  readonly simulateImages: readonly string[]
  pull(reference: string, secrets: readonly PullSecret[]): Promise<PulledFiles>
  /** The image that was last pulled by this reference, for `imagePullPolicy: IfNotPresent`. */
  find?(reference: string): Promise<PulledFiles | undefined>
  readonly fixedNames: Readonly<Record<string, Endpoint>>
  readonly kubectl: string
  clientFor(namespace: string, serviceAccount: string): KubeClient
  tokenFor(namespace: string, serviceAccount: string): string
  log(line: string): void
}

export type RunningCluster = {
  readonly connector: Connector
  readonly names: Names
  /** Starts nodes, control plane and pods. The API server must answer by then. */
  start(): Promise<void>
  /** Stops every container and waits for their processes. */
  stop(): Promise<void>
}

/** Puts the cluster together over an API server's registry. */
export function createCluster(options: ClusterOptions): RunningCluster {
  const { clock, log, directory } = options
  // Programs of a process that was killed may still write there.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const objects = new Objects(options.registry)
  const events = new Events(objects, clock)
  const containers: ContainerTable = new Map()
  const network = new PodNetwork((id) => {
    const container = containers.get(id)
    if (container) engine.containerListens(container.spec.pod.uid, container.spec.name)
  })
  const router = new ServiceRouter(objects, network)
  const names = createNames({ router, fixed: options.fixedNames })
  const connect = createConnect({
    network,
    router,
    names,
    namespaceOf: (ip) =>
      [...containers.values()].find(({ spec }) => spec.pod.ip === ip)?.spec.pod.namespace ?? 'default',
  })
  const host: Omit<Host, 'write'> = { directory: join(directory, 'containers'), network, clock, connect }
  const volumes = new PodVolumes({ objects, directory: join(directory, 'volumes'), tokenFor: options.tokenFor })
  const components: Component[] = [
    { name: 'kube-scheduler', run: (signal, write) => runScheduler({ objects, events, clock, log: write }, signal) },
    {
      name: 'kube-controller-manager',
      run: async (signal, write) => {
        const controller = { objects, events, clock, log: write }
        await Promise.all([
          engine.runControllers(signal),
          runEndpointsController(controller, signal),
          runStatefulSetController(controller, signal),
          runJobController(controller, signal),
        ])
      },
    },
  ]
  const images = new Images({
    builtInImages: [...options.builtInImages, ...componentImages(components)],
    simulateImages: options.simulateImages,
    pull: options.pull,
    find: options.find,
  })
  const launch = createLaunch({ kubectl: options.kubectl, names, clientFor: options.clientFor })
  const waitingForVolumes = new Set<string>()
  const nodeAddress = (pod: KubeObject) => engine.nodes.find(({ name }) => name === pod['spec'].nodeName)?.address ?? ''

  const engine: Engine = new Engine({
    objects,
    events,
    nodes: options.nodes,
    kubelet: {
      clock,
      probes: createProbes(network),
      environment: (pod, container, podIp) =>
        environmentOf({
          pod,
          container,
          podIp,
          hostIp: nodeAddress(pod),
          services: objects.list('services'),
          find: (plural, name) => objects.get(plural, pod.metadata.namespace, name),
        }),
      mount: (pod) => {
        volumes.mount(pod)
        waitingForVolumes.delete(pod.metadata.uid as string)
      },
      mountFailed: (pod, message) => {
        waitingForVolumes.add(pod.metadata.uid as string)
        events.record(referenceTo(pod), 'Warning', 'FailedMount', message, {
          component: 'kubelet',
          host: pod['spec'].nodeName,
        })
      },
    },
    cri: (index) => ({
      podNetwork: podNetwork(index),
      network,
      images,
      volumes,
      containers,
      now: () => clock.now(),
      pullSecrets: (pod) => pullSecretsOf(objects, pod),
      start: (spec) => new Container(spec, host, launch, () => engine.containerEnded(spec.pod.uid)),
      exec: async (container, command, seconds) => {
        const output = { stdout: '', stderr: '' }
        const timeout = new AbortController()
        const timer = seconds === undefined ? undefined : clock.setTimeout(() => timeout.abort(), seconds * 1000)
        const write = (stream: 'stdout' | 'stderr', text: string) => {
          output[stream] += text
        }
        try {
          const exitCode = await execInContainer({ ...host, write }, container, command, {
            write,
            signal: timeout.signal,
          })
          return { exitCode, ...output }
        } finally {
          timer?.cancel()
        }
      },
      simulated: (pod, reference) => {
        const text = `No registry within reach has image "${reference}": it is simulated, the container does nothing`
        events.record(referenceTo(pod), 'Warning', 'SimulatedImage', text, {
          component: 'kubelet',
          host: pod['spec'].nodeName,
        })
      },
    }),
  })

  const unwatch: (() => void)[] = []
  return {
    connector: createConnector({ objects, containers, network, router, host }),
    names,
    start: async () => {
      ensureNodes(objects, engine.nodes, clock.now())
      markPodsUnready(objects, clock.now())
      ensureControlPlane(objects, components, engine.nodes[0]?.name as string)
      for (const plural of ['configmaps', 'secrets'] as const) {
        const refresh = (object: KubeObject) => {
          volumes.refresh(plural, object.metadata.namespace as string, object.metadata.name)
          for (const uid of waitingForVolumes) void engine.retry(uid)
        }
        unwatch.push(
          objects.watch(plural, ({ object, type }) => {
            if (type !== 'DELETED') queueMicrotask(() => refresh(object))
          }),
        )
      }
      await engine.start()
    },
    stop: async () => {
      for (const stop of unwatch) stop()
      await engine.stop()
      await Promise.all([...containers.values()].map((container) => container.stop(0)))
      await removeFolder(directory)
      log('kubernetes: all containers have stopped')
    },
  }
}
