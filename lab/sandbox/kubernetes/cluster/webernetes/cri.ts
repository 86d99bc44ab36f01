import { randomBytes } from 'node:crypto'
import type { Cluster } from '@ngrok/webernetes'
import { messageOf } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'
import type { Container, ContainerSpec, Mount } from '../runtime/container.ts'
import type { ExecResult } from '../runtime/exec.ts'
import type { Images, LocalImage, PullSecret } from '../runtime/images.ts'
import type { PodNetwork } from '../runtime/network.ts'
import { type PodVolumes, SERVICE_ACCOUNT_MOUNT } from '../runtime/volumes.ts'

type Server = Cluster['servers'][number]
type Runtime = Server['runtimeService'] & Server['imageService']
type SandboxConfig = Parameters<Runtime['runPodSandbox']>[1]
type ContainerConfig = Parameters<Runtime['createContainer']>[2]
type ContainerStatus = NonNullable<NonNullable<Awaited<ReturnType<Runtime['containerStatus']>>[0]>['status']>
type CriImage = Awaited<ReturnType<Runtime['listImages']>>[0][number]

type Sandbox = {
  readonly id: string
  readonly config: SandboxConfig
  readonly ip: string
  readonly createdAt: number
  ready: boolean
}

export type CriOptions = {
  /** The first three numbers of the node's pod addresses: `10.244.0`. */
  readonly podNetwork: string
  readonly network: PodNetwork
  readonly images: Images
  readonly volumes: PodVolumes
  readonly containers: ContainerTable
  now(): number
  pullSecrets(pod: KubeObject): readonly PullSecret[]
  start(spec: ContainerSpec, config: ContainerConfig): Container
  exec(container: Container, command: readonly string[], timeoutSeconds: number | undefined): Promise<ExecResult>
  /** An image that no registry has was replaced by pause. */
  simulated(pod: KubeObject, reference: string): void
}

/** Containers of all nodes by id. */
export type ContainerTable = Map<string, Container>

const newId = (): string => randomBytes(32).toString('hex')
const rawId = (id: string): string => id.replace(/^.*:\/\//, '')
const labelsMatch = (labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>> = {}) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)

/** The runtime under one node's kubelet: the CRI's services over the containers of this process. */
export function createCri(options: CriOptions): Partial<Runtime> {
  const sandboxes = new Map<string, Sandbox>()
  const configs = new Map<string, { readonly config: ContainerConfig; readonly sandbox: Sandbox }>()
  const { containers, images, network, volumes } = options

  const containersOf = (sandbox: Sandbox): string[] =>
    [...configs].filter(([, entry]) => entry.sandbox === sandbox).map(([id]) => id)

  function statusOf(id: string): ContainerStatus | undefined {
    const container = containers.get(id)
    const entry = configs.get(id)
    if (!container || !entry) return undefined
    const { spec, state, startedAt, finishedAt, exitCode, reason, message, createdAt } = container
    return {
      id,
      name: spec.name,
      image: { image: spec.image.reference },
      imageRef: spec.image.id,
      imageId: spec.image.id,
      imageRuntimeHandler: '',
      hash: Number.parseInt(entry.config.annotations?.['io.kubernetes.container.hash'] ?? '0', 16),
      state,
      restartCount: spec.attempt,
      createdAt,
      startedAt,
      finishedAt,
      exitCode,
      reason,
      message,
      labels: entry.config.labels ?? {},
      annotations: entry.config.annotations ?? {},
      ready: state === 'Running',
    }
  }

  const sandboxStatus = (sandbox: Sandbox) => ({
    id: sandbox.id,
    metadata: sandbox.config.metadata,
    state: sandbox.ready ? ('Ready' as const) : ('NotReady' as const),
    createdAt: sandbox.createdAt,
    network: sandbox.ready ? { ip: sandbox.ip } : undefined,
    labels: sandbox.config.labels ?? {},
    annotations: sandbox.config.annotations ?? {},
  })

  async function stopContainer(id: string, seconds: number): Promise<void> {
    await containers.get(id)?.stop(seconds * 1000)
  }

  async function removeContainer(id: string): Promise<void> {
    await stopContainer(id, 0)
    await containers.get(id)?.remove()
    containers.delete(id)
    configs.delete(id)
  }

  async function stopSandbox(sandbox: Sandbox): Promise<void> {
    await Promise.all(containersOf(sandbox).map((id) => stopContainer(id, 0)))
    if (sandbox.ready) network.release(sandbox.ip)
    sandbox.ready = false
  }

  return {
    version: async (_, apiVersion) => [
      { version: apiVersion, runtimeName: 'containerd', runtimeVersion: 'gitops-lab', runtimeApiVersion: apiVersion },
      undefined,
    ],
    status: async () => [
      {
        status: {
          conditions: [
            { type: 'RuntimeReady', status: true },
            { type: 'NetworkReady', status: true },
          ],
        },
      },
      undefined,
    ],

    runPodSandbox: async (_, config) => {
      try {
        const sandbox: Sandbox = {
          id: newId(),
          config,
          ip: network.allocate(options.podNetwork),
          createdAt: options.now(),
          ready: true,
        }
        sandboxes.set(sandbox.id, sandbox)
        return [sandbox.id, undefined]
      } catch (error) {
        return ['', new Error(messageOf(error))]
      }
    },
    stopPodSandbox: async (_, id) => {
      const sandbox = sandboxes.get(rawId(id))
      if (sandbox) await stopSandbox(sandbox)
      return undefined
    },
    removePodSandbox: async (_, id) => {
      const sandbox = sandboxes.get(rawId(id))
      if (!sandbox) return undefined
      await stopSandbox(sandbox)
      for (const container of containersOf(sandbox)) await removeContainer(container)
      sandboxes.delete(sandbox.id)
      const { uid } = sandbox.config.metadata
      if (![...sandboxes.values()].some((other) => other.config.metadata.uid === uid)) volumes.unmount(uid)
      return undefined
    },
    podSandboxStatus: async (_, id) => {
      const sandbox = sandboxes.get(rawId(id))
      if (!sandbox) return [undefined, new Error(`pod sandbox ${id} not found`)]
      const statuses = containersOf(sandbox).flatMap((container) => statusOf(container) ?? [])
      return [{ status: sandboxStatus(sandbox), containersStatuses: statuses, timestamp: options.now() }, undefined]
    },
    listPodSandbox: async (_, filter) => {
      const found = [...sandboxes.values()].filter(
        (sandbox) =>
          (filter?.id === undefined || rawId(filter.id) === sandbox.id) &&
          (filter?.state === undefined || (filter.state.state === 'Ready') === sandbox.ready) &&
          labelsMatch(sandbox.config.labels ?? {}, filter?.labelSelector),
      )
      return [found.map(sandboxStatus), undefined]
    },

    createContainer: async (_, sandboxId, config, sandboxConfig) => {
      const sandbox = sandboxes.get(rawId(sandboxId))
      const image = await images.find(config.image.image)
      if (!sandbox) return ['', new Error(`pod sandbox ${sandboxId} not found`)]
      if (!image) return ['', new Error(`image ${config.image.image} not found`)]
      const pod = sandboxConfig.pod as KubeObject
      const id = newId()
      try {
        const spec = containerSpec(id, pod, sandbox.ip, image, config, volumes)
        containers.set(id, options.start(spec, config))
        configs.set(id, { config, sandbox })
        return [id, undefined]
      } catch (error) {
        return ['', new Error(messageOf(error))]
      }
    },
    startContainer: async (_, id) => {
      try {
        await containers.get(rawId(id))?.start()
        return undefined
      } catch (error) {
        return new Error(messageOf(error))
      }
    },
    stopContainer: async (_, id, seconds) => {
      await stopContainer(rawId(id), seconds ?? 0)
      return undefined
    },
    removeContainer: async (_, id) => {
      await removeContainer(rawId(id))
      return undefined
    },
    listContainers: async (_, filter) => {
      const found = [...configs].flatMap(([id, { config, sandbox }]) => {
        const status = statusOf(id)
        const wanted =
          status &&
          (filter?.id === undefined || rawId(filter.id) === id) &&
          (filter?.podSandboxId === undefined || rawId(filter.podSandboxId) === sandbox.id) &&
          (filter?.state === undefined || filter.state.state === status.state) &&
          labelsMatch(config.labels ?? {}, filter?.labelSelector)
        if (!wanted) return []
        const { image, imageRef, state, createdAt, labels, annotations } = status
        const common = { id, podSandboxId: sandbox.id, metadata: config.metadata, imageRef, imageId: imageRef }
        return [{ ...common, image: image ?? { image: imageRef }, state, createdAt, labels, annotations }]
      })
      return [found, undefined]
    },
    containerStatus: async (_, id) => {
      const status = statusOf(rawId(id))
      return status ? [{ status }, undefined] : [undefined, new Error(`container ${id} not found`)]
    },
    execSync: async (_, id, command, timeout) => {
      const container = containers.get(rawId(id))
      if (!container) return [undefined, new Error(`container ${id} not found`)]
      try {
        return [await options.exec(container, command, timeout), undefined]
      } catch (error) {
        return [undefined, new Error(messageOf(error))]
      }
    },

    pullImage: async (_, { image }, _credentials, sandboxConfig) => {
      const pod = sandboxConfig?.pod as KubeObject | undefined
      try {
        const pulled = await images.pull(image, pod ? options.pullSecrets(pod) : [])
        if (pod && pulled.kind === 'pause' && pulled.simulated) options.simulated(pod, image)
        return [pulled.id, undefined]
      } catch (error) {
        return ['', new Error(messageOf(error))]
      }
    },
    imageStatus: async (_, { image }) => {
      const found = await images.find(image)
      return [{ image: found && criImage(found) }, undefined]
    },
    listImages: async () => [images.list().map(criImage), undefined],
    removeImage: async () => undefined,
    imageFsInfo: async () => [{ imageFilesystems: [], containerFilesystems: [] }, undefined],
  }
}

const criImage = ({ id, reference }: LocalImage): CriImage => ({
  id,
  repoTags: [reference],
  repoDigests: id === reference ? [] : [id],
  size: 0,
  pinned: false,
})

function containerSpec(
  id: string,
  pod: KubeObject,
  ip: string,
  image: LocalImage,
  config: ContainerConfig,
  volumes: PodVolumes,
): ContainerSpec {
  const { name, namespace = 'default', uid = '' } = pod.metadata
  const declared: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[] = [
    ...(config.sourceContainer.volumeMounts ?? []),
    ...(pod['spec'].automountServiceAccountToken === false ? [] : [SERVICE_ACCOUNT_MOUNT]),
  ]
  // What comes from ConfigMaps and Secrets cannot be written to, whatever the mount says.
  const volumesOfPod = (pod['spec'].volumes ?? []) as { name: string; emptyDir?: object }[]
  const writable = new Set(volumesOfPod.filter(({ emptyDir }) => emptyDir).map((volume) => volume.name))
  const mounts = declared.map((mount): Mount => {
    const folder = volumes.path(uid, mount.name)
    const source = mount.subPath ? `${folder}/${mount.subPath}` : folder
    return { path: mount.mountPath, source, readOnly: mount.readOnly === true || !writable.has(mount.name) }
  })
  return {
    id,
    name: config.metadata.name,
    attempt: config.metadata.attempt,
    pod: { name, namespace, uid, ip, serviceAccount: pod['spec'].serviceAccountName ?? 'default' },
    image,
    command: config.command ?? [],
    args: config.args ?? [],
    workingDir: config.workingDir,
    env: config.env ?? {},
    mounts,
  }
}
