import { isIP } from 'node:net'
import type { FieldError, KubeObject } from '../../types.ts'
import { forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { labelMessages, subdomainMessages } from './names.ts'
import { oneOf, portErrors, selectorErrors } from './values.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

export function validateIngress({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.rules?.length && !spec.defaultBackend) {
    errors.push(invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (spec.defaultBackend) errors.push(...backendErrors(spec.defaultBackend, 'spec.defaultBackend'))
  ;(spec.rules ?? []).forEach(({ host, http }: Json, at: number) => {
    const path = `spec.rules[${at}]`
    if (host) errors.push(...hostErrors(host, `${path}.host`))
    if (!http) return
    if (!http.paths?.length) errors.push(required(`${path}.http.paths`))
    ;(http.paths ?? []).forEach((one: Json, index: number) => {
      errors.push(...pathErrors(one, `${path}.http.paths[${index}]`))
    })
  })
  ;(spec.tls ?? []).forEach(({ hosts }: Json, at: number) => {
    ;(hosts ?? []).forEach((host: string, index: number) => {
      errors.push(...hostErrors(host, `spec.tls[${at}].hosts[${index}]`))
    })
  })
  if (spec.ingressClassName !== undefined) {
    const name = spec.ingressClassName
    errors.push(...subdomainMessages(name).map((text) => invalid('spec.ingressClassName', name, text)))
  }
  return errors
}

const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower " +
  "case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used " +
  "for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

function hostErrors(host: string, field: string): FieldError[] {
  if (isIP(host)) return [invalid(field, host, 'must be a DNS name, not an IP address')]
  if (host.includes('*')) {
    return host.startsWith('*.') && subdomainMessages(host.slice(2)).length === 0
      ? []
      : [invalid(field, host, WILDCARD_TEXT)]
  }
  return subdomainMessages(host).map((text) => invalid(field, host, text))
}

function pathErrors({ path, pathType, backend }: Json, place: string): FieldError[] {
  const errors: FieldError[] = []
  if (!pathType) errors.push(required(`${place}.pathType`, 'pathType must be specified'))
  else if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${place}.pathType`, pathType, PATH_TYPES))
  else if (pathType !== 'ImplementationSpecific' || path) {
    if (!path?.startsWith('/')) errors.push(invalid(`${place}.path`, path ?? '', 'must be an absolute path'))
    else if (pathType !== 'ImplementationSpecific') {
      for (const bad of ['//', '/./', '/../', '%2f', '%2F']) {
        if (path.includes(bad)) errors.push(invalid(`${place}.path`, path, `must not contain '${bad}'`))
      }
      for (const bad of ['/..', '/.']) {
        if (path.endsWith(bad)) errors.push(invalid(`${place}.path`, path, `cannot end with '${bad}'`))
      }
    }
  }
  return [...errors, ...backendErrors(backend ?? {}, `${place}.backend`)]
}

function backendErrors({ service, resource }: Json, path: string): FieldError[] {
  if (service && resource) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return []
  if (!service) return [required(path, 'resource or service backend is required')]
  const errors: FieldError[] = []
  if (!service.name) errors.push(required(`${path}.service.name`))
  else errors.push(...labelMessages(service.name).map((text) => invalid(`${path}.service.name`, service.name, text)))
  const { name, number } = service.port ?? {}
  if (name && number) {
    errors.push(invalid(path, '', 'cannot set both port name & port number'))
  } else if (name) errors.push(...portErrors(`${path}.service.port.name`, name))
  else if (number) errors.push(...portErrors(`${path}.service.port.number`, number))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

const POLICY_TYPES = ['Ingress', 'Egress']

export function validateNetworkPolicy({ spec }: KubeObject): FieldError[] {
  const errors = selectorErrors(spec.podSelector ?? {}, 'spec.podSelector')
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    ;(spec[direction] ?? []).forEach((rule: Json, at: number) => {
      const path = `spec.${direction}[${at}]`
      ;(rule.ports ?? []).forEach((port: Json, index: number) => {
        errors.push(...policyPortErrors(port, `${path}.ports[${index}]`))
      })
      ;(rule[peers] ?? []).forEach((peer: Json, index: number) => {
        errors.push(...peerErrors(peer, `${path}.${peers}[${index}]`))
      })
    })
  }
  if ((spec.policyTypes ?? []).length > 2) {
    errors.push(invalid('spec.policyTypes', spec.policyTypes, 'may not specify more than two policyTypes'))
    return errors
  }
  ;(spec.policyTypes ?? []).forEach((type: string, at: number) => {
    errors.push(...oneOf(`spec.policyTypes[${at}]`, type, POLICY_TYPES))
  })
  return errors
}

function policyPortErrors({ protocol, port, endPort }: Json, path: string): FieldError[] {
  const errors = oneOf(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP'])
  if (port !== undefined) errors.push(...portErrors(`${path}.port`, port))
  if (endPort === undefined) return errors
  if (port === undefined) errors.push(required(`${path}.port`, 'must be specified when `endPort` is specified'))
  else if (typeof port === 'number' && endPort < port) {
    errors.push(invalid(`${path}.endPort`, endPort, 'must be greater than or equal to `port`'))
  }
  return errors
}

function peerErrors({ podSelector, namespaceSelector, ipBlock }: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  if (podSelector) errors.push(...selectorErrors(podSelector, `${path}.podSelector`))
  if (namespaceSelector) errors.push(...selectorErrors(namespaceSelector, `${path}.namespaceSelector`))
  if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  }
  if (ipBlock && !/^[0-9a-fA-F.:]+\/\d+$/.test(ipBlock.cidr ?? '')) {
    errors.push(
      ipBlock.cidr
        ? invalid(
            `${path}.ipBlock.cidr`,
            ipBlock.cidr,
            'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
          )
        : required(`${path}.ipBlock.cidr`),
    )
  }
  return errors
}
