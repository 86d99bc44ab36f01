import type { FieldError, KubeObject } from '../../types.ts'
import { forbidden, invalid, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { immutable, nonNegative, numberOrPercent, oneOf, same, selectorErrors } from './values.ts'

export function validateDisruptionBudget({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'))
  }
  errors.push(...numberOrPercent('spec.minAvailable', spec.minAvailable))
  errors.push(...numberOrPercent('spec.maxUnavailable', spec.maxUnavailable))
  return spec.selector ? [...errors, ...selectorErrors(spec.selector, 'spec.selector')] : errors
}

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

export function validateAutoscaler({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (spec.minReplicas !== undefined && spec.minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1'))
  }
  if (!(spec.maxReplicas > 0)) errors.push(invalid('spec.maxReplicas', spec.maxReplicas ?? 0, 'must be greater than 0'))
  if (spec.minReplicas !== undefined && spec.maxReplicas < spec.minReplicas) {
    const detail = 'must be greater than or equal to `minReplicas`'
    errors.push(invalid('spec.maxReplicas', spec.maxReplicas, detail))
  }
  for (const field of ['kind', 'name']) {
    if (!spec.scaleTargetRef?.[field]) errors.push(required(`spec.scaleTargetRef.${field}`))
  }
  ;(spec.metrics ?? []).forEach((metric: Json, at: number) => {
    const path = `spec.metrics[${at}]`
    errors.push(...oneOf(`${path}.type`, metric.type, METRIC_TYPES, true))
    const source = metric.type ? metric[metric.type[0].toLowerCase() + metric.type.slice(1)] : undefined
    if (METRIC_TYPES.includes(metric.type) && !source) {
      const name = metric.type[0].toLowerCase() + metric.type.slice(1)
      errors.push(required(`${path}.${name}`, `must populate information for the given metric source`))
    }
  })
  if (spec.targetCPUUtilizationPercentage !== undefined && spec.targetCPUUtilizationPercentage < 1) {
    errors.push(
      invalid('spec.targetCPUUtilizationPercentage', spec.targetCPUUtilizationPercentage, 'must be greater than 0'),
    )
  }
  return errors
}

const HIGHEST_USER_PRIORITY = 1_000_000_000

export function validatePriorityClass(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  const value: number = object['value'] ?? 0
  const isSystem = object.metadata.name.startsWith('system-')
  if (isSystem && !['system-cluster-critical', 'system-node-critical'].includes(object.metadata.name)) {
    const detail = "priority class names with 'system-' prefix are reserved for system use only. error: "
    errors.push(forbidden('metadata.name', `${detail}${object.metadata.name} is not a known system priority class`))
  } else if (!isSystem && value > HIGHEST_USER_PRIORITY) {
    const detail = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`
    errors.push(forbidden('value', detail))
  }
  errors.push(...oneOf('preemptionPolicy', object['preemptionPolicy'], ['Never', 'PreemptLowerPriority'], true))
  if (!old) return errors
  if (value !== (old['value'] ?? 0)) errors.push(forbidden('value', 'may not be changed in an update.'))
  return [...errors, ...immutable('preemptionPolicy', object['preemptionPolicy'], old['preemptionPolicy'])]
}

export const validateScale = ({ spec }: KubeObject): FieldError[] => nonNegative('spec.replicas', spec.replicas)

export function validateTokenRequest({ spec }: KubeObject): FieldError[] {
  const seconds: number = spec.expirationSeconds ?? 3600
  if (seconds < 600) {
    return [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')]
  }
  return seconds > 2 ** 32
    ? [invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

/** Events of `events.k8s.io/v1` say what they are about in full; those of the core group need not. */
export function validateEvent(event: KubeObject): FieldError[] {
  if (event.apiVersion !== 'events.k8s.io/v1') {
    const about: Json = event['involvedObject'] ?? {}
    const namespace = about.namespace || 'default'
    return event.metadata.namespace && namespace !== event.metadata.namespace
      ? [invalid('involvedObject.namespace', about.namespace ?? '', 'does not match event.namespace')]
      : []
  }
  const errors: FieldError[] = []
  if (!event['eventTime']) errors.push(required('eventTime'))
  else {
    for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
      if (!event[field]) errors.push(required(field))
    }
  }
  if (!['Normal', 'Warning'].includes(event['type'])) {
    errors.push(invalid('type', '', `has invalid value: ${event['type'] ?? ''}`))
  }
  return errors
}

export function validateStorageClass(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors = object['provisioner'] ? [] : [required('provisioner')]
  errors.push(...oneOf('reclaimPolicy', object['reclaimPolicy'], ['Delete', 'Retain']))
  errors.push(...oneOf('volumeBindingMode', object['volumeBindingMode'], ['Immediate', 'WaitForFirstConsumer'], true))
  if (!old) return errors
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
    if (!same(object[field], old[field])) errors.push(forbidden(field, `updates to ${field} are forbidden.`))
  }
  return errors
}

export function validateEndpointSlice(slice: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors = oneOf('addressType', slice['addressType'], ['FQDN', 'IPv4', 'IPv6'], true)
  ;(slice['endpoints'] ?? []).forEach(({ addresses }: Json, at: number) => {
    if (!addresses?.length) errors.push(required(`endpoints[${at}].addresses`, 'must contain at least 1 address'))
  })
  return old ? [...errors, ...immutable('addressType', slice['addressType'], old['addressType'])] : errors
}

export function validateLease({ spec }: KubeObject): FieldError[] {
  const seconds = spec?.leaseDurationSeconds
  return seconds !== undefined && seconds <= 0
    ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
    : []
}

export function validateAccessReview({ spec }: KubeObject): FieldError[] {
  const both = spec?.resourceAttributes && spec?.nonResourceAttributes
  const none = !spec?.resourceAttributes && !spec?.nonResourceAttributes
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  if (!both && !none) return []
  const field = both ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes'
  return [
    invalid(
      field,
      spec?.nonResourceAttributes ?? null,
      both ? 'cannot be specified in combination with resourceAttributes' : detail,
    ),
  ]
}

/** Nothing here calls webhooks: one that would be stored without effect is refused. */
export function validateWebhooks({ webhooks }: KubeObject): FieldError[] {
  return webhooks?.length ? [forbidden('webhooks', 'admission webhooks are not called by this API server')] : []
}

/** A policy without a binding has no effect, so that it is the binding that is refused. */
export const validatePolicyBinding = (): FieldError[] => [
  forbidden('spec', 'validating admission policies are not evaluated by this API server'),
]
