import type { Json } from '../normalize.ts'
import { orElse } from './pod.ts'

const RBAC = 'rbac.authorization.k8s.io'

export function defaultService({ spec, status }: Json): void {
  orElse(spec, 'sessionAffinity', 'None')
  orElse(spec, 'type', 'ClusterIP')
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {}
    spec.sessionAffinityConfig.clientIP ??= {}
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10800
  }
  for (const port of spec.ports ?? []) {
    orElse(port, 'protocol', 'TCP')
    if (!port.targetPort) port.targetPort = port.port
  }
  if (['NodePort', 'LoadBalancer'].includes(spec.type)) orElse(spec, 'externalTrafficPolicy', 'Cluster')
  if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) orElse(spec, 'internalTrafficPolicy', 'Cluster')
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of status.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

/** `stringData` goes into `data`, in base64, and wins over it. */
export function defaultSecret(secret: Json): void {
  for (const [key, text] of Object.entries(secret.stringData ?? {})) {
    secret.data ??= {}
    secret.data[key] = Buffer.from(String(text), 'utf8').toString('base64')
  }
  delete secret.stringData
  orElse(secret, 'type', 'Opaque')
}

export function defaultNamespace({ metadata }: Json): void {
  if (!metadata.name) return
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
}

export function defaultLimitRange({ spec }: Json): void {
  for (const item of spec.limits ?? []) {
    if (item.type !== 'Container') continue
    const fill = (field: 'default' | 'defaultRequest', from: Json) => {
      for (const [name, amount] of Object.entries(from ?? {})) {
        item[field] ??= {}
        item[field][name] ??= amount
      }
    }
    fill('default', item.max)
    fill('defaultRequest', item.default)
    fill('defaultRequest', item.min)
  }
}

export function defaultPersistentVolume({ spec, status }: Json): void {
  orElse(spec, 'persistentVolumeReclaimPolicy', 'Retain')
  spec.volumeMode ??= 'Filesystem'
  orElse(status, 'phase', 'Pending')
}

export function defaultEndpoints({ subsets }: Json): void {
  for (const { ports } of subsets ?? []) for (const port of ports ?? []) orElse(port, 'protocol', 'TCP')
}

export function defaultEndpointSlice({ ports }: Json): void {
  for (const port of ports ?? []) {
    port.name ??= ''
    port.protocol ??= 'TCP'
  }
}

export function defaultNetworkPolicy({ spec }: Json): void {
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports ?? []) port.protocol ??= 'TCP'
  }
  spec.policyTypes ??= spec.egress ? ['Ingress', 'Egress'] : ['Ingress']
}

export function defaultIngressClass({ spec }: Json): void {
  if (spec.parameters) spec.parameters.scope ??= 'Cluster'
}

export function defaultRoleBinding({ roleRef, subjects }: Json): void {
  orElse(roleRef, 'apiGroup', RBAC)
  for (const subject of subjects ?? []) {
    if (['User', 'Group'].includes(subject.kind)) orElse(subject, 'apiGroup', RBAC)
    else if (subject.apiGroup === '') delete subject.apiGroup
  }
}

export function defaultPriorityClass(object: Json): void {
  object.preemptionPolicy ??= 'PreemptLowerPriority'
}

const SCALE_UP = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
]
const SCALE_DOWN = [{ type: 'Percent', value: 100, periodSeconds: 15 }]

export function defaultAutoscaler(object: Json): void {
  const { spec } = object
  spec.minReplicas ??= 1
  if (object.apiVersion !== 'autoscaling/v2') return
  spec.metrics ??= [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ]
  if (!spec.behavior) return
  const rules = (field: 'scaleUp' | 'scaleDown', stabilization: number | undefined, policies: Json) => {
    spec.behavior[field] = {
      selectPolicy: 'Max',
      ...(stabilization === undefined ? {} : { stabilizationWindowSeconds: stabilization }),
      policies: structuredClone(policies),
      ...spec.behavior[field],
    }
  }
  rules('scaleUp', 0, SCALE_UP)
  rules('scaleDown', undefined, SCALE_DOWN)
}

export function defaultStorageClass(object: Json): void {
  object.reclaimPolicy ??= 'Delete'
  object.volumeBindingMode ??= 'Immediate'
}

export function defaultCsiDriver({ spec }: Json): void {
  spec.attachRequired ??= true
  spec.podInfoOnMount ??= false
  spec.storageCapacity ??= false
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
  spec.volumeLifecycleModes ??= ['Persistent']
  spec.requiresRepublish ??= false
  spec.seLinuxMount ??= false
}

export function defaultWebhooks({ webhooks }: Json): void {
  for (const webhook of webhooks ?? []) {
    webhook.failurePolicy ??= 'Fail'
    webhook.matchPolicy ??= 'Equivalent'
    webhook.timeoutSeconds ??= 10
    webhook.namespaceSelector ??= {}
    webhook.objectSelector ??= {}
    for (const rule of webhook.rules ?? []) rule.scope ??= '*'
    if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443
  }
}

export function defaultMutatingWebhooks(object: Json): void {
  defaultWebhooks(object)
  for (const webhook of object.webhooks ?? []) webhook.reinvocationPolicy ??= 'Never'
}

export function defaultDefinition({ spec }: Json): void {
  const { names } = spec
  if (names.kind) {
    orElse(names, 'singular', names.kind.toLowerCase())
    orElse(names, 'listKind', `${names.kind}List`)
  }
  spec.conversion ??= { strategy: 'None' }
}

export function defaultTokenRequest({ spec }: Json): void {
  spec.expirationSeconds ??= 3600
}
