import type { KubeObject } from '../../types.ts'
import { internal, invalid, invalidValue } from './errors.ts'

type Port = { name?: string; port: number; protocol?: string; nodePort?: number }
type Spec = {
  type?: string
  clusterIP?: string
  clusterIPs?: string[]
  ports?: Port[]
  allocateLoadBalancerNodePorts?: boolean
  healthCheckNodePort?: number
  externalTrafficPolicy?: string
  [field: string]: unknown
}

const NODE_PORTS = { first: 30000, last: 32767 }
const RANGE = '10.96.0.0/16'

const specOf = (service: KubeObject): Spec => service['spec'] ?? {}
const hasAddress = ({ type }: Spec) => type !== 'ExternalName'
const wantsNodePorts = ({ type, allocateLoadBalancerNodePorts }: Spec) =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

/**
 * The addresses and node ports of a Service, chosen from what the stored Services leave free.
 * @throws ApiError 422 when a chosen one is out of range or taken
 */
export function allocate(service: KubeObject, others: readonly KubeObject[]): KubeObject {
  const spec = specOf(service)
  if (!hasAddress(spec)) {
    const { clusterIP: _, clusterIPs: __, ipFamilies: ___, ipFamilyPolicy: ____, ...rest } = spec
    return { ...service, spec: rest }
  }
  const refuse = (field: string, value: unknown, why: string) =>
    invalid('Service', '', service.metadata.name, [invalidValue(field, value, why)])

  const clusterIP = spec.clusterIP || freeAddress(others)
  if (spec.clusterIP && clusterIP !== 'None') {
    const text = 'failed to allocate IP'
    if (!inRange(clusterIP)) {
      const why = `${text} ${clusterIP}: the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${RANGE}`
      throw refuse('spec.clusterIPs', [clusterIP], why)
    }
    if (others.some((other) => specOf(other).clusterIP === clusterIP)) {
      throw refuse('spec.clusterIPs', [clusterIP], `${text} ${clusterIP}: provided IP is already allocated`)
    }
  }
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP,
      clusterIPs: spec.clusterIPs?.length ? spec.clusterIPs : [clusterIP],
      ipFamilies: spec['ipFamilies'] ?? ['IPv4'],
      ipFamilyPolicy: spec['ipFamilyPolicy'] ?? 'SingleStack',
      ...(spec.ports ? { ports: allocatePorts(spec, others, refuse) } : {}),
    },
  }
}

function inRange(address: string): boolean {
  const [a, b, c, d] = address.split('.').map(Number)
  return a === 10 && b === 96 && (c as number) <= 255 && (d as number) <= 255 && !(c === 0 && d === 0)
}

/** Dynamic addresses come from the upper part of the range, so that fixed ones (`10.96.0.10`) stay free. */
function freeAddress(others: readonly KubeObject[]): string {
  const taken = new Set(others.map((other) => specOf(other).clusterIP))
  const start = 256 + Math.floor(Math.random() * 65000)
  for (let step = 0; step < 65000; step++) {
    const number = 256 + ((start - 256 + step) % 65000)
    const address = `10.96.${number >> 8}.${number & 255}`
    if ((number & 255) !== 255 && (number & 255) !== 0 && !taken.has(address)) return address
  }
  throw internal(`failed to allocate a serviceIP: range is full`)
}

function allocatePorts(
  spec: Spec,
  others: readonly KubeObject[],
  refuse: (field: string, value: unknown, why: string) => Error,
): Port[] {
  const ports = spec.ports ?? []
  if (!wantsNodePorts(spec)) {
    const allowed = spec.type === 'LoadBalancer'
    return ports.map(({ nodePort, ...port }) => (allowed && nodePort ? { ...port, nodePort } : port))
  }
  const taken = new Set(others.flatMap((other) => specOf(other).ports?.map(({ nodePort }) => nodePort) ?? []))
  const chosen = new Set<number>()
  return ports.map((port, at) => {
    if (port.nodePort) {
      const field = `spec.ports[${at}].nodePort`
      if (port.nodePort < NODE_PORTS.first || port.nodePort > NODE_PORTS.last) {
        const range = `${NODE_PORTS.first}-${NODE_PORTS.last}`
        throw refuse(
          field,
          port.nodePort,
          `provided port is not in the valid range. The range of valid ports is ${range}`,
        )
      }
      if (taken.has(port.nodePort)) throw refuse(field, port.nodePort, 'provided port is already allocated')
      chosen.add(port.nodePort)
      return port
    }
    const size = NODE_PORTS.last - NODE_PORTS.first + 1
    const start = Math.floor(Math.random() * size)
    for (let step = 0; step < size; step++) {
      const nodePort = NODE_PORTS.first + ((start + step) % size)
      if (taken.has(nodePort) || chosen.has(nodePort)) continue
      chosen.add(nodePort)
      return { ...port, nodePort }
    }
    throw internal('failed to allocate a nodePort: range is full')
  })
}
