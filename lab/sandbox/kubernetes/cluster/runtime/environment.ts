import type { KubeObject } from '../../types.ts'

/** A reference that leads nowhere; the message is the one of CreateContainerConfigError. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type EnvironmentInput = {
  readonly pod: KubeObject
  // biome-ignore lint/suspicious/noExplicitAny: a container of a pod spec, validated by the API server
  readonly container: any
  readonly podIp: string
  readonly hostIp: string
  /** Services whose addresses the pod gets as variables. */
  readonly services: readonly KubeObject[]
  find(plural: 'configmaps' | 'secrets', name: string): KubeObject | undefined
}

/** A container's variables, as the kubelet works them out: services, envFrom, then env, later ones winning. */
export function environmentOf(input: EnvironmentInput): Record<string, string> {
  const { pod, container } = input
  const given: Record<string, string> = {}
  for (const source of container.envFrom ?? []) Object.assign(given, fromSource(input, source))
  const services = serviceVariables(input.services, pod['spec'].enableServiceLinks !== false, pod.metadata.namespace)
  for (const variable of container.env ?? []) {
    const value =
      variable.valueFrom === undefined
        ? expand(variable.value ?? '', { ...services, ...given })
        : fromReference(input, variable.valueFrom)
    if (value !== undefined) given[variable.name] = value
  }
  const hostname = pod['spec'].hostname ?? pod.metadata.name
  return { HOSTNAME: hostname, ...services, ...given }
}

/** `$(NAME)` is replaced when NAME is known, `$$(NAME)` is `$(NAME)` to the letter. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]+)\)/g, (match, name: string | undefined) => {
    if (name === undefined) return '$'
    return Object.hasOwn(variables, name) ? (variables[name] as string) : match
  })
}

const text = (object: KubeObject, key: string): string | undefined => {
  const value = object['data']?.[key] as string | undefined
  if (value === undefined || object.kind !== 'Secret') return value
  return Buffer.from(value, 'base64').toString('utf8')
}

// biome-ignore lint/suspicious/noExplicitAny: an EnvFromSource
function fromSource(input: EnvironmentInput, source: any): Record<string, string> {
  const plural = source.configMapRef ? 'configmaps' : 'secrets'
  const { name, optional } = source.configMapRef ?? source.secretRef
  const object = input.find(plural, name)
  if (!object && optional) return {}
  if (!object) throw new ConfigError(`${plural.slice(0, -1)} "${name}" not found`)
  const keys = Object.keys(object['data'] ?? {}).filter((key) => /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key))
  return Object.fromEntries(keys.map((key) => [`${source.prefix ?? ''}${key}`, text(object, key) as string]))
}

// biome-ignore lint/suspicious/noExplicitAny: an EnvVarSource
function fromReference(input: EnvironmentInput, source: any): string | undefined {
  if (source.fieldRef) return podField(input.pod, source.fieldRef.fieldPath, input)
  if (source.resourceFieldRef) return resourceField(input, source.resourceFieldRef)
  const plural = source.configMapKeyRef ? 'configmaps' : 'secrets'
  const { name, key, optional } = source.configMapKeyRef ?? source.secretKeyRef
  const object = input.find(plural, name)
  const value = object && text(object, key)
  if (value !== undefined || optional) return value
  const kind = plural === 'configmaps' ? 'ConfigMap' : 'Secret'
  if (!object) throw new ConfigError(`${plural.slice(0, -1)} "${name}" not found`)
  throw new ConfigError(`couldn't find key ${key} in ${kind} ${input.pod.metadata.namespace}/${name}`)
}

/** A field of a pod, as the downward API names it. @throws ConfigError */
export function podField(pod: KubeObject, path: string, addresses: { podIp: string; hostIp: string }): string {
  const { metadata } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (subscript) return metadata[subscript[1] as 'labels']?.[subscript[2] as string] ?? ''
  const fields: Record<string, () => string> = {
    'metadata.name': () => metadata.name,
    'metadata.namespace': () => metadata.namespace ?? '',
    'metadata.uid': () => metadata.uid ?? '',
    'metadata.labels': () => quotedMap(metadata.labels),
    'metadata.annotations': () => quotedMap(metadata.annotations),
    'spec.nodeName': () => pod['spec'].nodeName ?? '',
    'spec.serviceAccountName': () => pod['spec'].serviceAccountName ?? '',
    'status.hostIP': () => addresses.hostIp,
    'status.hostIPs': () => addresses.hostIp,
    'status.podIP': () => addresses.podIp,
    'status.podIPs': () => addresses.podIp,
  }
  const read = fields[path]
  if (!read) throw new ConfigError(`field label not supported: ${path}`)
  return read()
}

const quotedMap = (map: Readonly<Record<string, string>> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n')

// biome-ignore lint/suspicious/noExplicitAny: a ResourceFieldSelector
function resourceField({ pod, container }: EnvironmentInput, selector: any): string {
  const owner = selector.containerName
    ? pod['spec'].containers.find((candidate: { name: string }) => candidate.name === selector.containerName)
    : container
  const [kind = '', resource = ''] = (selector.resource as string).split('.')
  const quantity = owner?.resources?.[kind]?.[resource] ?? owner?.resources?.limits?.[resource]
  if (quantity === undefined) return '0'
  return String(Math.ceil(parseQuantity(String(quantity)) / parseQuantity(String(selector.divisor || '1') || '1')))
}

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A resource.Quantity as a number: `100m` → 0.1, `64Mi` → 67108864. */
export function parseQuantity(quantity: string): number {
  const [, number = '0', suffix = ''] = /^([\d.e+-]+?)([a-zA-Z]*)$/.exec(quantity) ?? []
  return Number(number) * (SUFFIXES[suffix] ?? 1) || 1
}

/** The variables for links to Services, as Docker once made them. */
export function serviceVariables(
  services: readonly KubeObject[],
  links: boolean,
  namespace: string | undefined,
): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const service of services) {
    const { name } = service.metadata
    const isApi = service.metadata.namespace === 'default' && name === 'kubernetes'
    const ip = service['spec'].clusterIP as string | undefined
    const ports = (service['spec'].ports ?? []) as { name?: string; port: number; protocol?: string }[]
    if (!ip || ip === 'None' || !ports[0] || !(isApi || (links && service.metadata.namespace === namespace))) continue
    const prefix = name.replaceAll('-', '_').toUpperCase()
    const url = (port: { port: number; protocol?: string }) => `${protocolOf(port)}://${ip}:${port.port}`
    variables[`${prefix}_SERVICE_HOST`] = ip
    variables[`${prefix}_SERVICE_PORT`] = String(ports[0].port)
    for (const port of ports) {
      if (port.name)
        variables[`${prefix}_SERVICE_PORT_${port.name.replaceAll('-', '_').toUpperCase()}`] = String(port.port)
    }
    variables[`${prefix}_PORT`] = url(ports[0])
    for (const port of ports) {
      const base = `${prefix}_PORT_${port.port}_${protocolOf(port).toUpperCase()}`
      variables[base] = url(port)
      variables[`${base}_PROTO`] = protocolOf(port)
      variables[`${base}_PORT`] = String(port.port)
      variables[`${base}_ADDR`] = ip
    }
  }
  return variables
}

const protocolOf = ({ protocol }: { protocol?: string }): string => (protocol ?? 'TCP').toLowerCase()
