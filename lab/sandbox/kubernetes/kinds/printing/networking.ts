import type { Json } from '../normalize.ts'
import { ageColumn, nameColumn, type Printer, printer, text, wide } from './columns.ts'
import { ageOf, labelsText, orNone, selectorText, shortened } from './values.ts'

const portText = ({ port, nodePort, protocol }: Json): string => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`

const ingressAddresses = (status: Json): string =>
  (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }: Json) => ip || hostname).join(',')

function externalAddress({ spec, status }: Json): string {
  const own: string[] = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName
    case 'LoadBalancer': {
      const given = [ingressAddresses(status), ...own].filter(Boolean).join(',')
      return given || '<pending>'
    }
    default:
      return orNone(own.join(','))
  }
}

const service = printer(
  () => [
    nameColumn(),
    text('Type', 'V1ServiceSpec.type'),
    text('Cluster-IP', 'V1ServiceSpec.clusterIP'),
    text('External-IP', 'V1ServiceSpec.externalIPs'),
    text('Port(s)', 'V1ServiceSpec.ports'),
    ageColumn(),
    wide('Selector', 'V1ServiceSpec.selector'),
  ],
  (object, now) => [
    object.metadata.name,
    object.spec.type,
    orNone(object.spec.clusterIPs?.[0] ?? object.spec.clusterIP),
    externalAddress(object),
    orNone((object.spec.ports ?? []).map(portText).join(',')),
    ageOf(object, now),
    labelsText(object.spec.selector),
  ],
)

/** Every ready address with every port; addresses alone where there are no ports. */
function endpointsText(subsets: readonly Json[]): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }: Json) =>
    ports.length === 0
      ? addresses.map(({ ip }: Json) => ip)
      : ports.flatMap(({ port }: Json) => addresses.map(({ ip }: Json) => `${ip}:${port}`)),
  )
  return shortened(all)
}

const endpoints = printer(
  () => [nameColumn(), text('Endpoints', 'V1Endpoints.subsets'), ageColumn()],
  (object, now) => [object.metadata.name, endpointsText(object.subsets ?? []), ageOf(object, now)],
)

const endpointSlice = printer(
  () => [
    nameColumn(),
    text('AddressType', 'V1EndpointSlice.addressType'),
    text('Ports', 'V1EndpointSlice.ports'),
    text('Endpoints', 'V1EndpointSlice.endpoints'),
    ageColumn(),
  ],
  (object, now) => {
    const ports = (object.ports ?? []).map(({ port }: Json) => (port === undefined ? '*' : String(port)))
    const addresses = (object.endpoints ?? []).flatMap(({ addresses: own }: Json) => own ?? [])
    return [
      object.metadata.name,
      object.addressType,
      ports.length > 0 ? shortened(ports) : '<unset>',
      addresses.length > 0 ? shortened(addresses) : '<unset>',
      ageOf(object, now),
    ]
  },
)

function hostsText(rules: readonly Json[]): string {
  const hosts = rules.map(({ host }) => host).filter(Boolean)
  if (hosts.length === 0) return '*'
  return shortened(hosts)
}

const ingress = printer(
  () => [
    nameColumn(),
    text('Class', 'V1IngressSpec.ingressClassName'),
    text('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    text('Address', 'V1IngressStatus.loadBalancer'),
    text('Ports', 'Ports of TLS configurations that open'),
    ageColumn(),
  ],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec.ingressClassName ?? '<none>',
    hostsText(spec.rules ?? []),
    ingressAddresses(status),
    spec.tls?.length ? '80, 443' : '80',
    ageOf({ metadata }, now),
  ],
)

const ingressClass = printer(
  () => [
    nameColumn(),
    text('Controller', 'V1IngressClassSpec.controller'),
    text('Parameters', 'V1IngressClassSpec.parameters'),
    ageColumn(),
  ],
  ({ metadata, spec }, now) => {
    const parameters = spec.parameters
    const kind = parameters ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}` : ''
    return [
      metadata.name,
      spec.controller,
      parameters ? `${kind}/${parameters.name}` : '<none>',
      ageOf({ metadata }, now),
    ]
  },
)

const networkPolicy = printer(
  () => [nameColumn(), text('Pod-Selector', 'V1NetworkPolicySpec.podSelector'), ageColumn()],
  (object, now) => [object.metadata.name, selectorText(object.spec.podSelector), ageOf(object, now)],
)

export const networkingPrinters: Readonly<Record<string, Printer>> = {
  '/Service': service,
  '/Endpoints': endpoints,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
  'networking.k8s.io/Ingress': ingress,
  'networking.k8s.io/IngressClass': ingressClass,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
}
