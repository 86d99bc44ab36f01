import { availableParallelism, totalmem } from 'node:os'
import type { BuiltInImage, Program } from '../../core/program.ts'
import type { KubeObject } from '../types.ts'
import { isStatus, type Objects, writerOf } from './objects.ts'

/** The version that the API server calls itself. */
const VERSION = 'v1.36.2'
const WRITER = writerOf('kubelet', 'system:node')

type Node = { readonly name: string; readonly address: string }

const timestamp = (now: number): string => new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')

/** Makes the nodes that are not there yet; what was done to the others (labels, cordon) stays. */
export function ensureNodes(objects: Objects, nodes: readonly Node[], now: number): void {
  nodes.forEach(({ name, address }, index) => {
    if (!objects.get('nodes', undefined, name)) objects.create('nodes', nodeObject(name, index), WRITER)
    const node = objects.get('nodes', undefined, name) as KubeObject
    objects.update('nodes', { ...node, status: nodeStatus(name, address, now, node) }, WRITER, 'status')
  })
}

const nodeObject = (name: string, index: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
      ...(index === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    },
  },
  spec: { podCIDR: `${podNetwork(index)}.0/24`, podCIDRs: [`${podNetwork(index)}.0/24`] },
})

/** The first three numbers of the addresses of a node's pods. */
export const podNetwork = (index: number): string => `10.244.${index}`

function nodeStatus(name: string, address: string, now: number, node: KubeObject): object {
  const conditions = (node['status']?.conditions ?? []) as { type: string; lastTransitionTime: string }[]
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: conditions.find((known) => known.type === type)?.lastTransitionTime ?? timestamp(now),
  })
  const memory = `${Math.floor(totalmem() / 1024)}Ki`
  const resources = { cpu: String(availableParallelism()), memory, pods: '110', 'ephemeral-storage': '0' }
  return {
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      bootID: '',
      containerRuntimeVersion: 'containerd://gitops-lab',
      kernelVersion: process.version,
      kubeProxyVersion: '',
      kubeletVersion: VERSION,
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'gitops-lab sandbox',
      systemUUID: '',
    },
  }
}

/** A part of the control plane: it runs as a pod, as on a real cluster. */
export type Component = { readonly name: string; run(signal: AbortSignal, log: (line: string) => void): Promise<void> }

const imageOf = (component: string): string => `registry.k8s.io/${component}`

/** The images of the control plane's pods. */
export const componentImages = (components: readonly Component[]): BuiltInImage[] =>
  components.map(({ name, run }) => {
    const program: Program = async ({ signal, log }) => {
      await run(signal, log)
      return 0
    }
    return { repository: imageOf(name), entrypoint: [name], programs: { [name]: program } }
  })

/** Makes the control plane's pods; they are marked as mirror pods, which drain leaves alone. */
export function ensureControlPlane(objects: Objects, components: readonly Component[], node: string): void {
  for (const { name } of components) {
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${node}`,
        namespace: 'kube-system',
        labels: { component: name, tier: 'control-plane' },
        annotations: { 'kubernetes.io/config.mirror': name, 'kubernetes.io/config.source': 'file' },
      },
      spec: {
        nodeName: node,
        priorityClassName: 'system-node-critical',
        priority: 2000001000,
        tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
        containers: [{ name, image: `${imageOf(name)}:${VERSION}`, command: [name] }],
      },
    }
    try {
      objects.create('pods', pod, WRITER)
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
  }
}

/**
 * After a restart no container runs any more, whatever the stored pods say: until their kubelet has started them anew
 * they are not ready, so that no request goes to them.
 */
export function markPodsUnready(objects: Objects, now: number): void {
  for (const pod of objects.list('pods')) {
    const conditions = (pod['status']?.conditions ?? []) as { type: string; status: string }[]
    const wasReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    if (!wasReady) continue
    const status = {
      ...pod['status'],
      conditions: conditions.map((condition) =>
        ['Ready', 'ContainersReady'].includes(condition.type)
          ? { ...condition, status: 'False', reason: 'ContainersNotReady', lastTransitionTime: timestamp(now) }
          : condition,
      ),
      containerStatuses: pod['status'].containerStatuses?.map((container: object) => ({ ...container, ready: false })),
    }
    objects.update('pods', { ...pod, status }, WRITER, 'status')
  }
}
