import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../../core/errors.ts'
import type { FieldError, RemoveOptions, Writer } from '../../types.ts'
import { badRequest, forbiddenField, invalid, invalidValue, requiredValue } from '../registry/errors.ts'
import { isObject } from '../registry/values.ts'
import type { User } from './tokens.ts'

type Kind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions'

const refuse = (kind: Kind, errors: readonly FieldError[]): void => {
  if (errors.length > 0) throw invalid(kind, 'meta.k8s.io', '', errors)
}

const unsupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  field,
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((v) => `"${v}"`).join(', ')}`,
})

/** A number of a query as Go reads it. @throws ApiError 400 */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** A boolean of a query: present and neither `false` nor `0`. */
export const booleanOf = (query: URLSearchParams, name: string): boolean =>
  query.has(name) && !['false', '0'].includes(query.get(name) as string)

function dryRunErrors(values: readonly unknown[]): FieldError[] {
  return values.some((value) => value !== 'All') ? [unsupported('dryRun', values, ['All'])] : []
}

/** The part of the User-Agent before the first slash. */
const agentOf = (request: IncomingMessage): string => (request.headers['user-agent'] ?? '').split('/')[0] || 'unknown'

export type WriterOptions = {
  readonly request: IncomingMessage
  readonly query: URLSearchParams
  readonly user: User
  readonly kind: Kind
  readonly apply?: boolean
  readonly warn: (text: string) => void
}

/** Who writes, from the request. @throws ApiError 422 for options that are wrong */
export function writerOf({ request, query, user, kind, apply = false, warn }: WriterOptions): Writer {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const errors: FieldError[] = []
  if (!apply && query.has('force')) errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  if (apply && fieldManager === '') errors.push(requiredValue('fieldManager', 'is required for apply patch'))
  errors.push(...dryRunErrors(dryRun))
  if (Buffer.byteLength(fieldManager) > 128) {
    const message = 'Too long: may not be more than 128 bytes'
    errors.push({ field: 'fieldManager', reason: 'FieldValueTooLong', message })
  } else if (/\P{L}/u.test(fieldManager.replace(/[ -~\p{N}\p{P}\p{S}\p{M}]/gu, ''))) {
    errors.push(invalidValue('fieldManager', fieldManager, 'should only contain printable characters'))
  }
  const modes = ['', 'Ignore', 'Strict', 'Warn']
  if (!modes.includes(fieldValidation)) errors.push(unsupported('fieldValidation', fieldValidation, modes))
  refuse(kind, errors)
  return {
    user: user.name,
    groups: user.groups,
    fieldManager: fieldManager || agentOf(request),
    dryRun: dryRun.length > 0,
    fieldValidation: (fieldValidation || 'Warn') as Writer['fieldValidation'],
    force: booleanOf(query, 'force'),
    warn,
  }
}

const POLICIES = ['Foreground', 'Background', 'Orphan']

/** What a DELETE asks for, from its body or else its query. @throws ApiError 400, 422 */
export function deleteOptionsOf(body: unknown, query: URLSearchParams): RemoveOptions & { dryRun: boolean } {
  const given = isObject(body) ? body : {}
  const { kind, apiVersion = '' } = given as { kind?: string; apiVersion?: string }
  if (kind !== undefined && kind !== 'DeleteOptions') {
    const text = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`
    throw badRequest(text)
  }
  const grace = given['gracePeriodSeconds'] ?? integerOf(query, 'gracePeriodSeconds')
  const policy = given['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined
  const orphan =
    given['orphanDependents'] ?? (query.has('orphanDependents') ? booleanOf(query, 'orphanDependents') : undefined)
  const dryRun = Array.isArray(given['dryRun'])
    ? given['dryRun']
    : query.getAll('dryRun').filter((value) => value !== '')
  const errors: FieldError[] = []
  if (policy !== undefined && orphan !== undefined) {
    errors.push(
      invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    )
  } else if (policy !== undefined && !POLICIES.includes(policy as string)) {
    errors.push(unsupported('propagationPolicy', policy, [...POLICIES, 'nil']))
  }
  errors.push(...dryRunErrors(dryRun))
  refuse('DeleteOptions', errors)
  const byOrphan = orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background'
  return {
    propagationPolicy: (policy ?? byOrphan) as RemoveOptions['propagationPolicy'],
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    preconditions: isObject(given['preconditions']) ? given['preconditions'] : undefined,
    dryRun: dryRun.length > 0,
  }
}

/** The `ListOptions` of a list or watch. @throws ApiError 422 */
export function checkListOptions(query: URLSearchParams, watch: boolean): void {
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const initial = query.has('sendInitialEvents')
  const errors: FieldError[] = []
  const forbid = (field: string, why: string) => errors.push(forbiddenField(field, why))
  if (initial && !watch) forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list')
  else if (initial) {
    if (match === '')
      forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    else if (match !== 'NotOlderThan') errors.push(unsupported('resourceVersionMatch', match, ['NotOlderThan']))
  } else if (match !== '') {
    if (watch)
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    else if (version === '')
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided')
    else if (query.get('continue'))
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')
    else if (!['Exact', 'NotOlderThan'].includes(match)) {
      errors.push(unsupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
    } else if (match === 'Exact' && version === '0') {
      forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    }
  }
  refuse('ListOptions', errors)
}

/** A version from the future: the real server waits for it for three seconds; here it cannot come from elsewhere. */
export const tooLarge = (version: number, current: number): ApiError =>
  new ApiError(504, `Timeout: Too large resource version: ${version}, current: ${current}`, {
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
