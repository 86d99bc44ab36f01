import type { FieldError, KubeObject } from '../../types.ts'
import { forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { podTemplateErrors } from './pod.ts'
import { immutable, nonNegative, numberOrPercent, oneOf, same, selectorErrors, selectorMatches } from './values.ts'

const MISMATCH = '`selector` does not match template `labels`'

function selectorAndTemplate(spec: Json, kind: string, alwaysRestarts: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { selector, template } = spec
  const isEmpty = selector && !Object.keys(selector).length
  if (!selector) errors.push(required('spec.selector'))
  else {
    errors.push(...selectorErrors(selector, 'spec.selector'))
    if (isEmpty) errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${kind}`))
  }
  const labels = template?.metadata?.labels
  if (!isEmpty && !selectorMatches(selector, labels)) {
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, MISMATCH))
  }
  errors.push(...podTemplateErrors(template, 'spec.template'))
  if (alwaysRestarts && template?.spec?.restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', template?.spec?.restartPolicy ?? '', ['Always']))
  }
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(
        'spec.template.spec.activeDeadlineSeconds',
        `activeDeadlineSeconds in ${titles[kind]} is not Supported`,
      ),
    )
  }
  return errors
}

const titles: Readonly<Record<string, string>> = {
  deployment: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
}

export function validateDeployment({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors = [...nonNegative('spec.replicas', spec.replicas), ...selectorAndTemplate(spec, 'deployment', true)]
  errors.push(...strategyErrors(spec.strategy ?? {}))
  errors.push(...nonNegative('spec.minReadySeconds', spec.minReadySeconds))
  errors.push(...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit))
  errors.push(...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds))
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    const detail = 'must be greater than minReadySeconds'
    errors.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, detail))
  }
  if (old) errors.push(...immutable('spec.selector', spec.selector, old['spec'].selector))
  return errors
}

function strategyErrors({ type, rollingUpdate }: Json): FieldError[] {
  const path = 'spec.strategy'
  if (type === 'Recreate') {
    return rollingUpdate
      ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : []
  }
  if (type !== 'RollingUpdate') return [notSupported(`${path}.type`, type ?? '', ['Recreate', 'RollingUpdate'])]
  if (!rollingUpdate) return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')]
  return rollingErrors(rollingUpdate, `${path}.rollingUpdate`)
}

const isZero = (value: unknown): boolean => value === 0 || value === '0%'

function rollingErrors({ maxUnavailable, maxSurge }: Json, path: string): FieldError[] {
  const errors = [
    ...numberOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...numberOrPercent(`${path}.maxSurge`, maxSurge),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  if (typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) > 100) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'))
  }
  return errors
}

export function validateReplicaSet({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...selectorAndTemplate(spec, 'replicaset', true),
    ...(old ? immutable('spec.selector', spec.selector, old['spec'].selector) : []),
  ]
}

const STATEFUL_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

export function validateStatefulSet({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors = [
    ...oneOf('spec.podManagementPolicy', spec.podManagementPolicy, ['OrderedReady', 'Parallel'], true),
    ...oneOf('spec.updateStrategy', spec.updateStrategy?.type, ['RollingUpdate', 'OnDelete'], true),
    ...nonNegative('spec.updateStrategy.rollingUpdate.partition', spec.updateStrategy?.rollingUpdate?.partition),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...selectorAndTemplate(spec, 'statefulset', true),
  ]
  if (!old) return errors
  const fixed = (value: Json) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !STATEFUL_MUTABLE.includes(name)))
  if (same(fixed(spec), fixed(old['spec']))) return errors
  const list = STATEFUL_MUTABLE.map((name) => `'${name}'`)
  const text = `updates to statefulset spec for fields other than ${list.slice(0, -1).join(', ')} and ${list.at(-1)} are forbidden`
  return [...errors, forbidden('spec', text)]
}

export function validateDaemonSet({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const { updateStrategy = {} } = spec
  const errors = [
    ...selectorAndTemplate(spec, 'daemonset', true),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...oneOf('spec.updateStrategy.type', updateStrategy.type, ['OnDelete', 'RollingUpdate'], true),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
  if (updateStrategy.rollingUpdate) {
    const { maxUnavailable, maxSurge } = updateStrategy.rollingUpdate
    const path = 'spec.updateStrategy.rollingUpdate'
    errors.push(...numberOrPercent(`${path}.maxUnavailable`, maxUnavailable))
    errors.push(...numberOrPercent(`${path}.maxSurge`, maxSurge))
    if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
      errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
    } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
      errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'cannot be 0 when maxSurge is 0'))
    }
  }
  return old ? [...errors, ...immutable('spec.selector', spec.selector, old['spec'].selector)] : errors
}

export function validateReplicationController({ spec }: KubeObject): FieldError[] {
  const errors = nonNegative('spec.replicas', spec.replicas)
  if (!spec.selector || Object.keys(spec.selector).length === 0) errors.push(required('spec.selector'))
  if (!spec.template) return [...errors, required('spec.template')]
  if (!selectorMatches({ matchLabels: spec.selector }, spec.template.metadata?.labels)) {
    errors.push(invalid('spec.template.metadata.labels', spec.template.metadata?.labels ?? null, MISMATCH))
  }
  return [...errors, ...podTemplateErrors(spec.template, 'spec.template')]
}
