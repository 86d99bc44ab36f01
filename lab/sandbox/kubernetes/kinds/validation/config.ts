import type { FieldError, KubeObject } from '../../types.ts'
import { forbidden, invalid, required, tooLong } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { compareQuantities } from '../quantity.ts'
import { configKeyMessages, qualifiedNameMessages } from './names.ts'
import { immutable, oneOf, same, selectorErrors } from './values.ts'

const SIZE_LIMIT = 1024 * 1024
const FROZEN = 'field is immutable when `immutable` is set'

/** An immutable object may only change its metadata. */
function frozenErrors(object: KubeObject, old: KubeObject | undefined, fields: readonly string[]): FieldError[] {
  if (!old?.['immutable']) return []
  const errors = object['immutable'] ? [] : [forbidden('immutable', FROZEN)]
  for (const field of fields) {
    if (!same(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, FROZEN))
  }
  return errors
}

export function validateConfigMap(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const data: Record<string, string> = object['data'] ?? {}
  const binary: Record<string, string> = object['binaryData'] ?? {}
  const errors = [...frozenErrors(object, old, ['data', 'binaryData'])]
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const text of configKeyMessages(key)) errors.push(invalid(`data[${key}]`, key, text))
    if (key in binary) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += Buffer.byteLength(value)
  }
  for (const [key, value] of Object.entries(binary)) {
    for (const text of configKeyMessages(key)) errors.push(invalid(`binaryData[${key}]`, key, text))
    size += Buffer.byteLength(value, 'base64')
  }
  // The real server has no path here.
  if (size > SIZE_LIMIT) errors.push(tooLong('[]', SIZE_LIMIT))
  return errors
}

/** Keys that a Secret of a type must have. */
const secretKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/basic-auth': ['username', 'password'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
}

export function validateSecret(secret: KubeObject, old: KubeObject | undefined): FieldError[] {
  const data: Record<string, string> = secret['data'] ?? {}
  const type: string = secret['type']
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const text of configKeyMessages(key)) errors.push(invalid(`data[${key}]`, key, text))
    size += Buffer.byteLength(value, 'base64')
  }
  if (size > SIZE_LIMIT) errors.push(tooLong('data', SIZE_LIMIT))
  const missing = (secretKeys[type] ?? []).filter((key) => data[key] === undefined)
  // Either of the two is enough.
  const enough = type === 'kubernetes.io/basic-auth' && missing.length < 2
  if (!enough) errors.push(...missing.map((key) => required(`data[${key}]`)))
  for (const key of ['.dockercfg', '.dockerconfigjson']) {
    if (secretKeys[type]?.includes(key) && data[key] !== undefined && !isJson(data[key])) {
      errors.push(invalid(`data[${key}]`, '<secret contents redacted>', 'must be valid JSON'))
    }
  }
  if (type === 'kubernetes.io/service-account-token') {
    const name = 'kubernetes.io/service-account.name'
    if (!secret.metadata.annotations?.[name]) errors.push(required(`metadata.annotations[${name}]`))
  }
  if (!old) return errors
  return [...immutable('type', type, old['type']), ...frozenErrors(secret, old, ['data']), ...errors]
}

function isJson(base64: string): boolean {
  try {
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
    return true
  } catch {
    return false
  }
}

export function validateLimitRange({ spec }: KubeObject): FieldError[] {
  return (spec.limits ?? []).flatMap((item: Json, at: number) => {
    const path = `spec.limits[${at}]`
    const errors: FieldError[] = []
    for (const text of qualifiedNameMessages(item.type ?? ''))
      errors.push(invalid(`${path}.type`, item.type ?? '', text))
    if (item.type === 'Pod') {
      for (const field of ['default', 'defaultRequest']) {
        if (item[field]) errors.push(forbidden(`${path}.${field}`, `may not be specified when \`type\` is 'Pod'`))
      }
    }
    const ordered = (low: string, high: string, text: string, field = low) => {
      for (const [name, amount] of Object.entries<string>(item[low] ?? {})) {
        const limit = item[high]?.[name]
        if (limit !== undefined && compareQuantities(amount, limit) > 0) {
          errors.push(
            invalid(`${path}.${field}[${name}]`, item[field][name], text.replace('A', amount).replace('B', limit)),
          )
        }
      }
    }
    ordered('min', 'max', 'min value A is greater than max value B')
    ordered('min', 'defaultRequest', 'min value A is greater than default request value B', 'defaultRequest')
    ordered('defaultRequest', 'max', 'default request value A is greater than max value B')
    ordered('defaultRequest', 'default', 'default request value A is greater than default limit value B')
    ordered('default', 'max', 'default value A is greater than max value B')
    return errors
  })
}

const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]

export function validateResourceQuota({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  for (const name of Object.keys(spec?.hard ?? {})) {
    for (const text of qualifiedNameMessages(name)) errors.push(invalid(`spec.hard[${name}]`, name, text))
  }
  for (const scope of spec?.scopes ?? []) errors.push(...oneOf('spec.scopes', scope, SCOPES))
  return old ? [...errors, ...immutable('spec.scopes', spec?.scopes, old['spec']?.scopes)] : errors
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export function validateClaim({ spec }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes', 'at least 1 access mode is required'))
  for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, ACCESS_MODES))
  if (spec.selector) errors.push(...selectorErrors(spec.selector, 'spec.selector'))
  if (!spec.resources?.requests?.storage) errors.push(required('spec.resources[storage]'))
  errors.push(...oneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']))
  if (!old) return errors
  const fixed = ({ resources: _, volumeName, storageClassName, volumeAttributesClassName: __, ...rest }: Json) => ({
    ...rest,
    // Binding names the volume, and a class may still be given to a claim that has none.
    ...(old['spec'].volumeName ? { volumeName } : {}),
    ...(old['spec'].storageClassName === undefined ? {} : { storageClassName }),
  })
  if (same(fixed(spec), fixed(old['spec']))) return errors
  const text =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [...errors, forbidden('spec', text)]
}

export function validateVolume({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes'))
  for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, ACCESS_MODES))
  if (!spec.capacity?.storage) errors.push(required('spec.capacity'))
  return errors
}
