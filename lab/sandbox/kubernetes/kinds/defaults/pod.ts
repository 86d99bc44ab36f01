import type { Json } from '../normalize.ts'

/** Sets a field that is absent. */
export const orElse = (object: Json, field: string, value: Json): void => {
  if (object[field] === undefined || object[field] === null || object[field] === '') object[field] = value
}

/** `Always` for a mutable reference: the tag `latest`, or none, and no digest. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent'
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function defaultHandler(handler: Json): void {
  if (handler?.httpGet) {
    orElse(handler.httpGet, 'path', '/')
    orElse(handler.httpGet, 'scheme', 'HTTP')
  }
  if (handler?.grpc) handler.grpc.service ??= ''
}

function defaultProbe(probe: Json): void {
  if (!probe) return
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  defaultHandler(probe)
}

/** Amounts that are limited and not requested are requested as limited. */
function defaultRequests(resources: Json): void {
  for (const [name, amount] of Object.entries(resources?.limits ?? {})) {
    resources.requests ??= {}
    resources.requests[name] ??= amount
  }
}

function defaultContainer(container: Json, isPod: boolean): void {
  if (container.image) orElse(container, 'imagePullPolicy', pullPolicyOf(container.image))
  else orElse(container, 'imagePullPolicy', 'IfNotPresent')
  orElse(container, 'terminationMessagePath', '/dev/termination-log')
  orElse(container, 'terminationMessagePolicy', 'File')
  for (const port of container.ports ?? []) orElse(port, 'protocol', 'TCP')
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) orElse(valueFrom.fieldRef, 'apiVersion', 'v1')
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(container[probe])
  defaultHandler(container.lifecycle?.postStart)
  defaultHandler(container.lifecycle?.preStop)
  if (isPod) defaultRequests(container.resources)
}

const SOURCE_MODES = ['secret', 'configMap', 'downwardAPI', 'projected'] as const

const defaultItems = (source: Json): void => {
  for (const { fieldRef } of source?.items ?? []) if (fieldRef) orElse(fieldRef, 'apiVersion', 'v1')
}

function defaultVolume(volume: Json): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {}
  for (const source of SOURCE_MODES) if (volume[source]) volume[source].defaultMode ??= 0o644
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.image) orElse(volume.image, 'pullPolicy', pullPolicyOf(volume.image.reference ?? ''))
  if (volume.ephemeral?.volumeClaimTemplate) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  defaultItems(volume.downwardAPI)
  for (const source of volume.projected?.sources ?? []) {
    defaultItems(source.downwardAPI)
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
  }
}

/** Defaults of a pod's spec; `isPod` adds those that a template does not get. */
export function defaultPodSpec(spec: Json, isPod = false): void {
  orElse(spec, 'dnsPolicy', 'ClusterFirst')
  orElse(spec, 'restartPolicy', 'Always')
  orElse(spec, 'schedulerName', 'default-scheduler')
  spec.terminationGracePeriodSeconds ??= 30
  spec.securityContext ??= {}
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account })
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => spec[list] ?? [])
  for (const container of containers) defaultContainer(container, isPod)
  if (isPod) {
    spec.enableServiceLinks ??= true
    defaultRequests(spec.resources)
  }
  if (spec.hostNetwork) {
    for (const port of containers.flatMap(({ ports }) => ports ?? []))
      if (!port.hostPort) port.hostPort = port.containerPort
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}
