import type { KubeObject } from '../../types.ts'
import type { Json } from '../normalize.ts'

const ALLOCATED = ['ClusterIP', 'NodePort', 'LoadBalancer']
const WITH_NODE_PORTS = ['NodePort', 'LoadBalancer']

const keyOf = ({ port, protocol }: Json): string => `${port}/${protocol}`

/**
 * An update that leaves out what the server allocated keeps it: cluster IPs and node ports. A type without them loses
 * them. A new Service gets its IP families; allocating addresses and ports is the registry's.
 */
export function prepareService(service: KubeObject, old: KubeObject | undefined): void {
  const spec: Json = { ...service['spec'] }
  const before: Json = old?.['spec']
  service['spec'] = spec
  const hasAddress = ALLOCATED.includes(spec.type)
  if (before && hasAddress && ALLOCATED.includes(before.type)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length && before.clusterIP) {
      Object.assign(spec, { clusterIP: before.clusterIP, clusterIPs: before.clusterIPs })
    }
    if (spec.clusterIP && spec.clusterIP !== before.clusterIP && sameList(spec.clusterIPs, before.clusterIPs))
      delete spec.clusterIPs
    if (!spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0]
    if (WITH_NODE_PORTS.includes(before.type) && WITH_NODE_PORTS.includes(spec.type)) keepNodePorts(spec, before)
  }
  if (before && !hasAddress && sameList(spec.clusterIPs, before.clusterIPs)) {
    delete spec.clusterIP
    delete spec.clusterIPs
  }
  if (before && spec.type === 'ClusterIP') {
    spec.ports = spec.ports?.map(({ nodePort, ...port }: Json) =>
      nodePort === undefined || before.ports?.some((own: Json) => own.nodePort === nodePort)
        ? port
        : { nodePort, ...port },
    )
    if (spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy
    if (before.type !== 'ClusterIP') delete spec.allocateLoadBalancerNodePorts
  }
  if (before?.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts
    service['status'] = { ...service['status'], loadBalancer: {} }
  }
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  if (!spec.clusterIP && spec.clusterIPs?.length && !before) spec.clusterIP = spec.clusterIPs[0]
  if (hasAddress) {
    spec.ipFamilies ??= before?.ipFamilies ?? ['IPv4']
    spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? 'SingleStack'
  } else if (spec.type === 'ExternalName') {
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
    delete spec.internalTrafficPolicy
  }
}

const sameList = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? []) === JSON.stringify(b ?? [])

function keepNodePorts(spec: Json, before: Json): void {
  const known = new Map<string, number>((before.ports ?? []).map((port: Json) => [keyOf(port), port.nodePort]))
  const taken = new Set<number>((spec.ports ?? []).map(({ nodePort }: Json) => nodePort).filter(Boolean))
  spec.ports = spec.ports?.map((port: Json) => {
    const nodePort = known.get(keyOf(port))
    return port.nodePort || !nodePort || taken.has(nodePort) ? port : { ...port, nodePort }
  })
}
