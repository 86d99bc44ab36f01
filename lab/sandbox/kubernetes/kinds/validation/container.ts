import type { FieldError } from '../../types.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { compareQuantities, nanosOf } from '../quantity.ts'
import { configKeyMessages, portNameMessages, qualifiedNameMessages } from './names.ts'
import { dnsLabel, nonNegative, oneOf, portErrors } from './values.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const ENV_NAME = /^[\x20-\x3c\x3e-\x7e]+$/
const ENV_NAME_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='"

/** What is wrong with the containers of one list of a pod. `taken` collects names over all lists. */
export function containerErrors(
  containers: readonly Json[],
  path: string,
  volumes: ReadonlySet<string>,
  taken: Set<string>,
): FieldError[] {
  return containers.flatMap((container, at) => {
    const place = `${path}[${at}]`
    const errors = [...commonErrors(container, place, volumes)]
    if (container.name && taken.has(container.name)) errors.push(duplicate(`${place}.name`, container.name))
    taken.add(container.name)
    errors.push(...handlerErrors(container.lifecycle?.postStart, `${place}.lifecycle.postStart`))
    errors.push(...handlerErrors(container.lifecycle?.preStop, `${place}.lifecycle.preStop`))
    for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
      errors.push(...probeErrors(container[probe], `${place}.${probe}`, probe !== 'readinessProbe'))
    }
    return errors
  })
}

function commonErrors(container: Json, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = []
  if (container.name) errors.push(...dnsLabel(`${path}.name`, container.name))
  else errors.push(required(`${path}.name`))
  if (!container.image) errors.push(required(`${path}.image`))
  const policies = ['FallbackToLogsOnError', 'File']
  errors.push(...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, policies))
  errors.push(...portsErrors(container.ports ?? [], `${path}.ports`))
  errors.push(...environmentErrors(container.env ?? [], `${path}.env`))
  errors.push(...sourceErrors(container.envFrom ?? [], `${path}.envFrom`))
  errors.push(...mountErrors(container.volumeMounts ?? [], `${path}.volumeMounts`, volumes))
  errors.push(...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], true))
  errors.push(...resourceErrors(container.resources, `${path}.resources`))
  return errors
}

function portsErrors(ports: readonly Json[], path: string): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, at) => {
    const place = `${path}[${at}]`
    const errors: FieldError[] = []
    if (port.name) {
      const wrong = portNameMessages(port.name)
      for (const text of wrong) errors.push(invalid(`${place}.name`, port.name, text))
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${place}.name`, port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${place}.containerPort`))
    else errors.push(...portErrors(`${place}.containerPort`, port.containerPort))
    if (port.hostPort) errors.push(...portErrors(`${place}.hostPort`, port.hostPort))
    return [...errors, ...oneOf(`${place}.protocol`, port.protocol, PROTOCOLS, true)]
  })
}

function environmentErrors(env: readonly Json[], path: string): FieldError[] {
  return env.flatMap((variable, at) => {
    const place = `${path}[${at}]`
    const errors: FieldError[] = []
    if (!variable.name) errors.push(required(`${place}.name`))
    else if (!ENV_NAME.test(variable.name)) errors.push(invalid(`${place}.name`, variable.name, ENV_NAME_TEXT))
    return variable.valueFrom ? [...errors, ...valueFromErrors(variable, `${place}.valueFrom`)] : errors
  })
}

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

function valueFromErrors({ value, valueFrom }: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (valueFrom.fieldRef) {
    const { fieldPath } = valueFrom.fieldRef
    const field = `${path}.fieldRef.fieldPath`
    const subscript = /^metadata\.(labels|annotations)\['.+'\]$/.test(fieldPath ?? '')
    if (!fieldPath) errors.push(required(field))
    else if (!subscript && !FIELD_PATHS.includes(fieldPath)) {
      errors.push(
        /^(metadata|spec|status)\./.test(fieldPath)
          ? notSupported(field, fieldPath, FIELD_PATHS)
          : invalid(field, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`),
      )
    }
  }
  for (const source of ['configMapKeyRef', 'secretKeyRef']) {
    if (valueFrom[source]) errors.push(...keyErrors(valueFrom[source], `${path}.${source}`))
  }
  if (valueFrom.resourceFieldRef && !valueFrom.resourceFieldRef.resource) {
    errors.push(required(`${path}.resourceFieldRef.resource`))
  }
  const count = Object.keys(valueFrom).length
  if (count === 0) {
    const list = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    errors.push(invalid(path, '', `must specify one of: ${list}`))
  }
  if (value && count > 0) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

function keyErrors({ name, key }: Json, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`)]
  if (!key) return [...errors, required(`${path}.key`)]
  return [...errors, ...configKeyMessages(key).map((text) => invalid(`${path}.key`, key, text))]
}

function sourceErrors(sources: readonly Json[], path: string): FieldError[] {
  return sources.flatMap(({ configMapRef, secretRef }, at) => {
    const place = `${path}[${at}]`
    const count = [configMapRef, secretRef].filter(Boolean).length
    if (count === 0) return [invalid(place, '', 'must specify one of: `configMapRef` or `secretRef`')]
    if (count > 1) return [invalid(place, '', 'may not have more than one field specified at a time')]
    const [field, ref] = configMapRef ? ['configMapRef', configMapRef] : ['secretRef', secretRef]
    return ref.name ? [] : [required(`${place}.${field}.name`)]
  })
}

function mountErrors(mounts: readonly Json[], path: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>()
  return mounts.flatMap((mount, at) => {
    const place = `${path}[${at}]`
    const errors: FieldError[] = []
    if (!mount.name) errors.push(required(`${place}.name`))
    else if (!volumes.has(mount.name)) errors.push(notFound(`${place}.name`, mount.name))
    if (!mount.mountPath) errors.push(required(`${place}.mountPath`))
    else if (paths.has(mount.mountPath)) errors.push(invalid(`${place}.mountPath`, mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    if (mount.subPath && mount.subPathExpr) {
      errors.push(invalid(`${place}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    }
    if (mount.subPath?.startsWith('/'))
      errors.push(invalid(`${place}.subPath`, mount.subPath, 'must be a relative path'))
    if (mount.subPath?.split('/').includes('..')) {
      errors.push(invalid(`${place}.subPath`, mount.subPath, "must not contain '..'"))
    }
    return errors
  })
}

const STANDARD = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

export function resourceErrors(resources: Json, path: string): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {}
  const errors: FieldError[] = []
  const check = (list: Record<string, string>, place: string) => {
    for (const [name, amount] of Object.entries(list)) {
      for (const text of qualifiedNameMessages(name)) errors.push(invalid(place, name, text))
      if (!name.includes('/') && !STANDARD.test(name)) {
        errors.push(invalid(place, name, 'must be a standard resource type or fully qualified'))
        errors.push(invalid(place, name, 'must be a standard resource for containers'))
      }
      if ((nanosOf(amount) ?? 0n) < 0n) {
        errors.push(invalid(`${place}[${name}]`, amount, 'must be greater than or equal to 0'))
      }
    }
  }
  check(limits, `${path}.limits`)
  check(requests, `${path}.requests`)
  for (const name of Object.keys(requests)) {
    if (limits[name] !== undefined && compareQuantities(requests[name], limits[name]) > 0) {
      const detail = `must be less than or equal to ${name} limit of ${limits[name]}`
      errors.push(invalid(`${path}.requests`, requests[name], detail))
    }
  }
  return errors
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

function handlerErrors(handler: Json, path: string): FieldError[] {
  if (!handler) return []
  const errors: FieldError[] = []
  let count = 0
  for (const kind of HANDLERS) {
    if (!handler[kind]) continue
    count += 1
    if (count > 1) errors.push(forbidden(`${path}.${kind}`, 'may not specify more than 1 handler type'))
    else errors.push(...actionErrors(kind, handler[kind], `${path}.${kind}`))
  }
  return count > 0 ? errors : [required(path, 'must specify a handler type')]
}

function actionErrors(kind: (typeof HANDLERS)[number], action: Json, path: string): FieldError[] {
  switch (kind) {
    case 'exec':
      return action.command?.length ? [] : [required(`${path}.command`)]
    case 'httpGet':
      return [
        ...(action.path ? [] : [required(`${path}.path`)]),
        ...portErrors(`${path}.port`, action.port),
        ...oneOf(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']),
      ]
    case 'sleep':
      return []
    default:
      return portErrors(`${path}.port`, action.port)
  }
}

function probeErrors(probe: Json, path: string, mustSucceedOnce: boolean): FieldError[] {
  if (!probe) return []
  const errors = handlerErrors(probe, path)
  const fields = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']
  for (const field of fields) errors.push(...nonNegative(`${path}.${field}`, probe[field]))
  if (probe.terminationGracePeriodSeconds !== undefined && probe.terminationGracePeriodSeconds <= 0) {
    const detail = 'must be greater than 0'
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, detail))
  }
  if (mustSucceedOnce && probe.successThreshold !== 1) {
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  }
  return errors
}
