import type { FieldError, KubeObject } from '../../types.ts'
import { forbidden, invalid, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { containerErrors, resourceErrors } from './container.ts'
import { annotationErrors, labelErrors } from './metadata.ts'
import { qualifiedNameMessages, subdomainMessages } from './names.ts'
import { dnsLabel, nonNegative, oneOf, same, selectorErrors } from './values.ts'
import { volumeErrors } from './volume.ts'

/** The order in which the server lists them. */
export const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** What is wrong with a pod's spec, in a Pod or in a template. */
export function podSpecErrors(spec: Json, path: string): FieldError[] {
  const { names, errors } = volumeErrors(spec.volumes ?? [], `${path}.volumes`)
  const taken = new Set<string>()
  if (!spec.containers?.length) errors.push(required(`${path}.containers`))
  errors.push(...containerErrors(spec.containers ?? [], `${path}.containers`, names, taken))
  errors.push(...containerErrors(spec.initContainers ?? [], `${path}.initContainers`, names, taken))
  if (spec.resources) errors.push(...resourceErrors(spec.resources, `${path}.resources`))
  errors.push(...oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES, true))
  errors.push(...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES, true))
  errors.push(...labelErrors(spec.nodeSelector, `${path}.nodeSelector`))
  errors.push(...nonNegative(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds))
  if (spec.serviceAccountName) {
    const field = `${path}.serviceAccountName`
    errors.push(
      ...subdomainMessages(spec.serviceAccountName).map((text) => invalid(field, spec.serviceAccountName, text)),
    )
  }
  if (spec.activeDeadlineSeconds !== undefined && !(spec.activeDeadlineSeconds >= 1)) {
    const detail = 'must be between 1 and 2147483647, inclusive'
    errors.push(invalid(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, detail))
  }
  for (const field of ['hostname', 'subdomain']) {
    if (spec[field]) errors.push(...dnsLabel(`${path}.${field}`, spec[field]))
  }
  errors.push(...tolerationErrors(spec.tolerations ?? [], `${path}.tolerations`))
  errors.push(...affinityErrors(spec.affinity, `${path}.affinity`))
  errors.push(...spreadErrors(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`))
  return errors
}

export function podTemplateErrors(template: Json, path: string): FieldError[] {
  return [
    ...labelErrors(template?.metadata?.labels, `${path}.metadata.labels`),
    ...annotationErrors(template?.metadata?.annotations, `${path}.metadata.annotations`),
    ...podSpecErrors(template?.spec ?? {}, `${path}.spec`),
    ...ephemeralErrors(template?.spec, `${path}.spec`, 'ephemeral containers not allowed in pod template'),
  ]
}

/** Ephemeral containers come by a subresource of a running pod alone, and this API server does not have it. */
const ephemeralErrors = (spec: Json, path: string, text: string): FieldError[] =>
  spec?.ephemeralContainers?.length ? [forbidden(`${path}.ephemeralContainers`, text)] : []

function tolerationErrors(tolerations: readonly Json[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, at) => {
    const place = `${path}[${at}]`
    const errors: FieldError[] = []
    const { key, operator, value, effect } = toleration
    if (key) for (const text of qualifiedNameMessages(key)) errors.push(invalid(`${place}.key`, key, text))
    else if (operator !== 'Exists') {
      errors.push(
        invalid(
          `${place}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      )
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalid(`${place}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      )
    }
    if (operator === 'Exists' && value) {
      errors.push(invalid(`${place}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
    }
    errors.push(...oneOf(`${place}.operator`, operator, ['Equal', 'Exists', 'Gt', 'Lt']))
    return [...errors, ...oneOf(`${place}.effect`, effect, EFFECTS)]
  })
}

function affinityErrors(affinity: Json, path: string): FieldError[] {
  if (!affinity) return []
  const errors: FieldError[] = []
  const required_ = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required_ && !required_.nodeSelectorTerms?.length) {
    const field = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
    errors.push(required(field, 'must have at least one node selector term'))
  }
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const hard: Json[] = affinity[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    hard.forEach((term, at) => {
      const place = `${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${at}]`
      if (!term.topologyKey) errors.push(required(`${place}.topologyKey`, 'can not be empty'))
      if (term.labelSelector) errors.push(...selectorErrors(term.labelSelector, `${place}.labelSelector`))
    })
  }
  return errors
}

function spreadErrors(constraints: readonly Json[], path: string): FieldError[] {
  return constraints.flatMap(({ maxSkew, topologyKey, whenUnsatisfiable }, at) => {
    const place = `${path}[${at}]`
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${place}.maxSkew`, maxSkew ?? 0, 'must be greater than zero')]),
      ...(topologyKey ? [] : [required(`${place}.topologyKey`, 'can not be empty')]),
      ...oneOf(`${place}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'], true),
    ]
  })
}

export function validatePod(pod: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old) return podUpdateErrors(pod, old)
  const spec: Json = pod['spec'] ?? {}
  return [...podSpecErrors(spec, 'spec'), ...ephemeralErrors(spec, 'spec', 'cannot be set on create')]
}

const UPDATE_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** A running pod may change its images, its deadline, and gain tolerations. */
function podUpdateErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const spec: Json = pod['spec']
  const before: Json = old['spec']
  const errors: FieldError[] = []
  for (const list of ['containers', 'initContainers']) {
    const now: Json[] = spec[list] ?? []
    if (now.length !== (before[list] ?? []).length) {
      errors.push(forbidden(`spec.${list}`, 'pod updates may not add or remove containers'))
      return errors
    }
    now.forEach(({ image }, at) => {
      if (!image) errors.push(required(`spec.${list}[${at}].image`))
    })
  }
  const added: Json[] = spec.tolerations ?? []
  const kept = (before.tolerations ?? []).every((toleration: Json) => added.some((other) => same(other, toleration)))
  if (!kept)
    errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
  if (same(withoutMutable(spec, before), before)) return errors
  return [...errors, forbidden('spec', UPDATE_TEXT)]
}

/** The new spec with what may change put back to what it was. */
function withoutMutable(spec: Json, before: Json): Json {
  const images = (list: string) =>
    (spec[list] ?? []).map((container: Json, at: number) => ({ ...container, image: before[list]?.[at]?.image }))
  const result: Json = { ...spec, containers: images('containers') }
  if (spec.initContainers) result.initContainers = images('initContainers')
  const mutable = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates', 'nodeName']
  if (before.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1) {
    mutable.push('terminationGracePeriodSeconds')
  }
  for (const field of mutable) {
    if (field === 'nodeName' && before.nodeName) continue
    if (before[field] === undefined) delete result[field]
    else result[field] = before[field]
  }
  return result
}
