import type { Endpoint } from '../../../core/names.ts'
import type { KubeObject } from '../../types.ts'
import type { Objects } from '../objects.ts'
import type { PodNetwork } from '../runtime/network.ts'

/** A Service, or one of its ports, that leads nowhere just now. */
export class NoEndpoint extends Error {
  override readonly name = 'NoEndpoint'

  constructor(
    message: string,
    readonly kind: 'ECONNREFUSED' | 'NoEndpoints' | 'NoSuchPort' | 'NotFound',
  ) {
    super(message)
  }
}

export type PodTarget = { readonly ip: string; readonly port: number; readonly pod: string | undefined }

type ServicePort = { readonly name?: string; readonly port: number }

/** Which pods are behind Services, from the EndpointSlices, one after the other. */
export class ServiceRouter {
  private readonly turns = new Map<string, number>()

  constructor(
    private readonly objects: Objects,
    private readonly network: PodNetwork,
  ) {}

  /** The next ready endpoint of a Service; `port` is a number or a name of the Service. @throws NoEndpoint */
  pick(namespace: string, name: string, port: string): PodTarget {
    const service = this.objects.get('services', namespace, name)
    if (!service) throw new NoEndpoint(`services "${name}" not found`, 'NotFound')
    const ports = (service['spec'].ports ?? []) as ServicePort[]
    const chosen =
      port === '' && ports.length === 1 ? ports[0] : ports.find((p) => String(p.port) === port || p.name === port)
    if (!chosen) throw new NoEndpoint(`no service port "${port}" found for service "${name}"`, 'NoSuchPort')
    const targets = this.ready(namespace, name, chosen.name ?? '')
    if (targets.length === 0) throw new NoEndpoint(`no endpoints available for service "${name}"`, 'NoEndpoints')
    const key = `${namespace}/${name}:${chosen.port}`
    const turn = this.turns.get(key) ?? 0
    this.turns.set(key, turn + 1)
    return targets[turn % targets.length] as PodTarget
  }

  /** The Service that has a cluster address. */
  byClusterIp(ip: string): KubeObject | undefined {
    return this.objects.list('services').find((service) => service['spec'].clusterIP === ip)
  }

  /** Where a pod's port is on this machine. @throws NoEndpoint when nothing listens there */
  locate({ ip, port }: { ip: string; port: number }): Endpoint {
    const real = this.network.find(ip, port)
    if (real === undefined) throw new NoEndpoint(`dial tcp ${ip}:${port}: connect: connection refused`, 'ECONNREFUSED')
    return { host: '127.0.0.1', port: real, tls: false }
  }

  private ready(namespace: string, service: string, portName: string): PodTarget[] {
    const slices = this.objects.list('endpointslices', namespace, {
      labelSelector: `kubernetes.io/service-name=${service}`,
    })
    return slices.flatMap((slice) => {
      const ports = (slice['ports'] ?? []) as { name?: string; port: number }[]
      const port = ports.find((candidate) => (candidate.name ?? '') === portName)
      if (!port) return []
      return ((slice['endpoints'] ?? []) as SliceEndpoint[])
        .filter(({ conditions }) => conditions?.ready !== false)
        .map(({ addresses, targetRef }) => ({ ip: addresses[0] as string, port: port.port, pod: targetRef?.name }))
    })
  }
}

type SliceEndpoint = {
  readonly addresses: readonly string[]
  readonly conditions?: { readonly ready?: boolean }
  readonly targetRef?: { readonly name: string }
}
