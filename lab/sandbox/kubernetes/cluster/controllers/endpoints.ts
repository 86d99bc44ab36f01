import type { KubeObject } from '../../types.ts'
import { isFinished } from './schedule.ts'

type ServicePort = {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}
type Condition = { readonly type: string; readonly status: string }

export type SlicePort = {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

export type SliceEndpoint = {
  readonly addresses: readonly string[]
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean }
  readonly nodeName: string | undefined
  readonly hostname?: string
  readonly targetRef: object
}

/** The endpoints of pods that share what each port of the Service means for them: one EndpointSlice. */
export type SliceContent = { readonly ports: readonly SlicePort[]; readonly endpoints: readonly SliceEndpoint[] }

const isReady = (pod: KubeObject): boolean =>
  ((pod['status']?.conditions ?? []) as Condition[]).some(({ type, status }) => type === 'Ready' && status === 'True')

const selects = (selector: Readonly<Record<string, string>>, pod: KubeObject): boolean =>
  Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value)

/** The pods of a Service that have an address, the ones that are terminating included. */
export function podsOf(service: KubeObject, pods: readonly KubeObject[]): readonly KubeObject[] {
  const selector = service['spec'].selector as Record<string, string> | undefined
  if (!selector || Object.keys(selector).length === 0) return []
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === service.metadata.namespace &&
      selects(selector, pod) &&
      pod['status']?.podIP &&
      !isFinished(pod),
  )
}

/** The number behind a port of a Service in one pod; undefined when the pod has no port of that name. */
function targetPort(port: ServicePort, pod: KubeObject): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const containers = [...pod['spec'].containers, ...(pod['spec'].initContainers ?? [])]
  const ports = containers.flatMap((container) => container.ports ?? [])
  return ports.find(({ name, protocol = 'TCP' }) => name === target && protocol === (port.protocol ?? 'TCP'))
    ?.containerPort
}

function portsFor(service: KubeObject, pod: KubeObject): SlicePort[] {
  return ((service['spec'].ports ?? []) as ServicePort[]).flatMap((port) => {
    const number = targetPort(port, pod)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }]
  })
}

/** What the EndpointSlices of a Service with a selector have to hold. One of them at least, even when it is empty. */
export function sliceContents(service: KubeObject, pods: readonly KubeObject[]): SliceContent[] {
  const byPorts = new Map<string, { ports: SlicePort[]; endpoints: SliceEndpoint[] }>()
  for (const pod of podsOf(service, pods)) {
    const ports = portsFor(service, pod)
    const key = JSON.stringify(ports)
    const content = byPorts.get(key) ?? { ports, endpoints: [] }
    content.endpoints.push(endpointOf(service, pod))
    byPorts.set(key, content)
  }
  return byPorts.size > 0 ? [...byPorts.values()] : [{ ports: [], endpoints: [] }]
}

function endpointOf(service: KubeObject, pod: KubeObject): SliceEndpoint {
  const serving = isReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service['spec'].publishNotReadyAddresses === true || (serving && !terminating)
  const { name, namespace, uid } = pod.metadata
  const { hostname, subdomain } = pod['spec']
  return {
    addresses: [pod['status'].podIP],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    nodeName: pod['spec'].nodeName,
    targetRef: { kind: 'Pod', name, namespace, uid },
  }
}

/** The subsets of the older Endpoints object: addresses that are ready and those that are not, per set of ports. */
export function endpointSubsets(contents: readonly SliceContent[]): object[] {
  return contents.flatMap(({ ports, endpoints }) => {
    const address = ({ addresses, nodeName, targetRef, hostname }: SliceEndpoint) => ({
      ip: addresses[0],
      ...(hostname ? { hostname } : {}),
      nodeName,
      targetRef,
    })
    const live = endpoints.filter(({ conditions }) => !conditions.terminating)
    const ready = live.filter(({ conditions }) => conditions.ready).map(address)
    const notReady = live.filter(({ conditions }) => !conditions.ready).map(address)
    if (ready.length + notReady.length === 0) return []
    return [
      {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ports: ports.map(({ name, port, protocol, appProtocol }) => ({
          ...(name ? { name } : {}),
          port,
          protocol,
          ...(appProtocol ? { appProtocol } : {}),
        })),
      },
    ]
  })
}
