import { isIP } from 'node:net'
import type { FieldError, KubeObject } from '../../types.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { labelErrors } from './metadata.ts'
import { subdomainMessages } from './names.ts'
import { dnsLabel, oneOf, portErrors } from './values.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export function validateService(service: KubeObject, old: KubeObject | undefined): FieldError[] {
  const spec: Json = service['spec'] ?? {}
  const headless = spec.clusterIP === 'None'
  const external = spec.type === 'ExternalName'
  const errors: FieldError[] = []
  if (['NodePort', 'LoadBalancer'].includes(spec.type) && headless) {
    const kind = spec.type === 'NodePort' ? 'NodePort' : 'LoadBalancer'
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${kind} services`))
  }
  if (external) errors.push(...externalNameErrors(spec))
  const ports: Json[] = spec.ports ?? []
  if (ports.length === 0 && !headless && !external) errors.push(required('spec.ports'))
  const names = new Set<string>()
  ports.forEach((port, at) => {
    errors.push(...servicePortErrors(port, `spec.ports[${at}]`, ports.length > 1, names))
  })
  errors.push(...labelErrors(spec.selector, 'spec.selector'))
  errors.push(...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None'], true))
  if (spec.sessionAffinity === 'ClientIP') {
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
    if (seconds !== undefined && (seconds <= 0 || seconds > 86400)) {
      const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
      errors.push(invalid(field, seconds, 'must be greater than 0 and less than 86400'))
    }
  }
  errors.push(...clusterIpErrors(spec, external))
  ;(spec.externalIPs ?? []).forEach((address: string, at: number) => {
    if (!isIP(address)) errors.push(invalid(`spec.externalIPs[${at}]`, address, 'must be a valid IP address'))
  })
  if (!spec.type) errors.push(required('spec.type'))
  else if (!TYPES.includes(spec.type)) errors.push(notSupported('spec.type', spec.type, TYPES))
  errors.push(...nodePortErrors(spec, ports))
  errors.push(...duplicatePorts(ports))
  errors.push(...trafficErrors(spec))
  return old ? [...updateErrors(spec, old['spec']), ...errors] : errors
}

function externalNameErrors(spec: Json): FieldError[] {
  const errors: FieldError[] = []
  if (spec.clusterIPs?.length) {
    errors.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'))
  }
  const name: string = (spec.externalName ?? '').replace(/\.$/, '')
  if (name === '') errors.push(required('spec.externalName'))
  else errors.push(...subdomainMessages(name).map((text) => invalid('spec.externalName', name, text)))
  return errors
}

function servicePortErrors(port: Json, path: string, needsName: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = []
  if (!port.name) {
    if (needsName) errors.push(required(`${path}.name`))
  } else {
    errors.push(...dnsLabel(`${path}.name`, port.name))
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name))
    names.add(port.name)
  }
  errors.push(...portErrors(`${path}.port`, port.port))
  errors.push(...oneOf(`${path}.protocol`, port.protocol, PROTOCOLS, true))
  return [...errors, ...portErrors(`${path}.targetPort`, port.targetPort)]
}

function clusterIpErrors(spec: Json, external: boolean): FieldError[] {
  if (external) return []
  const addresses: string[] = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])
  return addresses.flatMap((address, at) => {
    const field = `spec.clusterIPs[${at}]`
    if (address === 'None' && at === 0) {
      return addresses.length > 1
        ? [invalid('spec.clusterIPs', addresses, "'None' must be the first and only value")]
        : []
    }
    return isIP(address) ? [] : [invalid(field, address, 'must be a valid IP address')]
  })
}

function nodePortErrors(spec: Json, ports: readonly Json[]): FieldError[] {
  const allowed = ['NodePort', 'LoadBalancer'].includes(spec.type)
  const seen = new Set<string>()
  return ports.flatMap(({ nodePort, protocol }, at) => {
    const field = `spec.ports[${at}].nodePort`
    if (!nodePort) return []
    if (!allowed) {
      return [forbidden(field, `may not be used when \`type\` is '${spec.type}'`)]
    }
    const key = `${protocol}/${nodePort}`
    if (seen.has(key)) return [duplicate(field, nodePort)]
    seen.add(key)
    return []
  })
}

/** Go prints the key of a port: a port with nothing but protocol and number. */
function duplicatePorts(ports: readonly Json[]): FieldError[] {
  const seen = new Set<string>()
  return ports.flatMap(({ protocol, port }, at) => {
    const key = `${protocol}/${port}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    const value = `{"Name":"","Protocol":${JSON.stringify(protocol)},"AppProtocol":null,"Port":${port},"TargetPort":0,"NodePort":0}`
    return [{ field: `spec.ports[${at}]`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${value}` }]
  })
}

function trafficErrors(spec: Json): FieldError[] {
  const errors: FieldError[] = []
  const policy = spec.externalTrafficPolicy
  const exposed = ['NodePort', 'LoadBalancer'].includes(spec.type) || spec.externalIPs?.length
  if (policy !== undefined && !exposed) {
    errors.push(invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'))
  } else errors.push(...oneOf('spec.externalTrafficPolicy', policy, ['Cluster', 'Local']))
  errors.push(...oneOf('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']))
  if (spec.type !== 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== undefined) {
    const detail = "may only be used when `type` is 'LoadBalancer'"
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', detail))
  }
  return errors
}

/** The address of a Service that has one stays, unless its type changes to or from ExternalName. */
function updateErrors(spec: Json, before: Json): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return []
  const now = spec.clusterIPs ?? []
  const then = before.clusterIPs ?? []
  if (then.length === 0 || now[0] === then[0]) return []
  return [invalid('spec.clusterIPs[0]', now, 'may not change once set')]
}
