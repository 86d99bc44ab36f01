import type { FieldError, KubeObject } from '../../types.ts'
import { invalid, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { scheduleError } from './cron.ts'
import { podTemplateErrors } from './pod.ts'
import { immutable, nonNegative, oneOf, same, selectorErrors, selectorMatches } from './values.ts'

const JOB_RESTART_POLICIES = ['OnFailure', 'Never']
const CRON_JOB_NAME_LIMIT = 52

function jobSpecErrors(spec: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']
  for (const field of counts) errors.push(...nonNegative(`${path}.${field}`, spec[field]))
  errors.push(...oneOf(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']))
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  }
  errors.push(...podTemplateErrors(spec.template, `${path}.template`))
  const policy = spec.template?.spec?.restartPolicy
  const field = `${path}.template.spec.restartPolicy`
  if (policy === 'Always') errors.push(required(field, 'valid values: "OnFailure", "Never"'))
  else if (!JOB_RESTART_POLICIES.includes(policy)) errors.push(notSupported(field, policy ?? '', JOB_RESTART_POLICIES))
  return errors
}

export function validateJob({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.selector) errors.push(required('spec.selector'))
  else {
    errors.push(...selectorErrors(spec.selector, 'spec.selector'))
    const labels = spec.template?.metadata?.labels
    if (!selectorMatches(spec.selector, labels)) {
      errors.push(
        invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'),
      )
    }
  }
  errors.push(...jobSpecErrors(spec, 'spec'))
  if (!old) return errors
  const before: Json = old['spec']
  if (spec.completionMode !== 'Indexed')
    errors.push(...immutable('spec.completions', spec.completions, before.completions))
  errors.push(...immutable('spec.selector', spec.selector, before.selector))
  const templateChanged = !same(spec.template, before.template)
  if (templateChanged && !(before.suspend && onlySchedulingDiffers(spec.template, before.template))) {
    const specChanged = !same(spec.template.spec, before.template.spec)
    const field = specChanged ? 'spec.template.spec' : 'spec.template'
    errors.push(invalid(field, specChanged ? spec.template.spec : spec.template, 'field is immutable'))
  }
  errors.push(...immutable('spec.completionMode', spec.completionMode, before.completionMode))
  errors.push(...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, before.backoffLimitPerIndex))
  return errors
}

const SCHEDULING = ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']

/** A suspended Job may still change where its pods go, and their labels and annotations. */
function onlySchedulingDiffers(template: Json, before: Json): boolean {
  const fixed = ({ spec, metadata: _, ...rest }: Json) => ({
    ...rest,
    spec: Object.fromEntries(Object.entries(spec).filter(([field]) => !SCHEDULING.includes(field))),
  })
  return same(fixed(template), fixed(before))
}

const CONCURRENCY = ['Allow', 'Forbid', 'Replace']

export function validateCronJob({ metadata, spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else {
    const problem = scheduleError(spec.schedule)
    if (problem) errors.push(invalid('spec.schedule', spec.schedule, problem))
    if (/TZ/.test(spec.schedule)) {
      const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
      errors.push(invalid('spec.schedule', spec.schedule, detail))
    }
  }
  errors.push(...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds))
  if (spec.timeZone !== undefined) errors.push(...timeZoneErrors(spec.timeZone))
  errors.push(...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, CONCURRENCY, true))
  errors.push(...jobSpecErrors(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec'))
  errors.push(...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit))
  errors.push(...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit))
  if (metadata.name?.length > CRON_JOB_NAME_LIMIT) {
    errors.push(invalid('metadata.name', metadata.name, `must be no more than ${CRON_JOB_NAME_LIMIT} characters`))
  }
  return errors
}

function timeZoneErrors(zone: string): FieldError[] {
  const field = 'spec.timeZone'
  if (zone === '') return [invalid(field, null, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local')
    return [
      invalid(field, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    ]
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return []
  } catch {
    return [invalid(field, zone, `unknown time zone ${zone}`)]
  }
}
