import { ApiError } from '../../core/errors.ts'
import type { KubeObject, Resource } from '../types.ts'
import { modelOfKind } from './model/model.ts'

/** What is done about unknown fields: an error, warnings, nothing. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'
export type Decoded = { object: KubeObject; warnings: string[] }

/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

export const cannotBeHandled = (resource: Resource, why: string): ApiError =>
  new ApiError(
    400,
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`,
    { reason: 'BadRequest', decoding: why },
  )

export const strictDecodingError = (resource: Resource, problems: readonly string[]): ApiError =>
  cannotBeHandled(resource, `strict decoding error: ${problems.join(', ')}`)

/** Versions that the real server's code still knows and does not serve any more. */
const RETIRED: Readonly<Record<string, readonly string[]>> = {
  'extensions/v1beta1': ['DaemonSet', 'Deployment', 'Ingress', 'NetworkPolicy', 'ReplicaSet'],
  'apps/v1beta1': ['ControllerRevision', 'Deployment', 'StatefulSet'],
  'apps/v1beta2': ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'batch/v1beta1': ['CronJob'],
  'autoscaling/v2beta1': ['HorizontalPodAutoscaler'],
  'autoscaling/v2beta2': ['HorizontalPodAutoscaler'],
  'networking.k8s.io/v1beta1': ['Ingress', 'IngressClass'],
  'policy/v1beta1': ['Eviction', 'PodDisruptionBudget'],
}

const SCHEME = 'in scheme "pkg/runtime/scheme.go:111"'

/**
 * A body may leave out its version and kind, but not name others than those of the resource it is sent to.
 *
 * @throws ApiError 400
 */
export function requireKind(resource: Resource, value: unknown): void {
  const expected = apiVersionOf(resource)
  const { apiVersion = expected, kind = resource.kind } = (value ?? {}) as { apiVersion?: string; kind?: string }
  if ((apiVersion === expected && kind === resource.kind) || typeof apiVersion !== 'string' || kind === '') return
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const given = { ...resource, kind, version }
  if (RETIRED[apiVersion]?.includes(kind) || (apiVersion !== expected && modelOfServed(group, version, kind))) {
    const text = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`
    throw new ApiError(400, text, { reason: 'BadRequest' })
  }
  if (!modelOfServed(group, version, kind)) {
    throw handledAs(given, resource, `no kind "${kind}" is registered for version "${apiVersion}" ${SCHEME}`)
  }
  const internal = `${group === '' ? 'core' : group.replace(/\..*/, '')}.${resource.kind}`
  throw handledAs(given, resource, `converting (${version}.${kind}) to (${internal}): unknown conversion`)
}

const handledAs = (given: Resource, resource: Resource, why: string): ApiError =>
  new ApiError(400, `${given.kind} in version "${given.version}" cannot be handled as a ${resource.kind}: ${why}`, {
    reason: 'BadRequest',
    decoding: why,
  })

/** The models of all groups share a version; the package tells whether a kind is of this group. */
function modelOfServed(group: string, version: string, kind: string): boolean {
  const model = /^v\d+$/.test(version) ? modelOfKind(group, version, kind) : undefined
  if (!model) return false
  const [, pkg = ''] = /\.(\w+)\.v\d+\.\w+$/.exec(model.openapi) ?? []
  return pkg === (group === '' ? 'core' : group.split('.')[0])
}
