import type { KubeObject, ObjectMeta, RemoveOptions, Resource } from '../../types.ts'
import { badRequest, conflict, invalid, invalidValue } from './errors.ts'

export function checkNamespace(resource: Resource, object: KubeObject, namespace: string | undefined): void {
  const { namespace: given } = object.metadata
  if (resource.namespaced && given && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

export function checkName(object: KubeObject, name: string): void {
  const { name: given } = object.metadata
  if (!given) {
    const text = `the name of the object (${name} based on URL) was undeterminable: name must be provided`
    throw badRequest(text)
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
  }
}

/** Kinds whose updates have to say which version they change. */
const VERSIONED = new Set([
  'leases.coordination.k8s.io',
  'poddisruptionbudgets.policy',
  'customresourcedefinitions.apiextensions.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
])

export function checkVersionGiven(resource: Resource, { metadata }: KubeObject): void {
  if (metadata.resourceVersion || !(resource.custom || VERSIONED.has(`${resource.plural}.${resource.group}`))) return
  const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')
  throw invalid(resource.kind, resource.group, metadata.name, [error])
}

/** Kinds that an update creates when they are not there. */
const CREATED_BY_UPDATE = new Set([
  ...['services', 'endpoints', 'events', 'limitranges'].map((plural) => `${plural}.`),
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((p) => `${p}.rbac.authorization.k8s.io`),
  'priorityclasses.scheduling.k8s.io',
])

export const createdByUpdate = ({ group, plural }: Resource): boolean => CREATED_BY_UPDATE.has(`${plural}.${group}`)

/** A patch cannot take the marks of a deletion away: what it leaves out is filled in from the stored object. */
export function withDeletionMarks(given: ObjectMeta, { metadata: old }: KubeObject): ObjectMeta {
  return {
    ...given,
    deletionTimestamp: given.deletionTimestamp ?? old.deletionTimestamp,
    deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds,
  }
}

export function uidConflict(resource: Resource, old: KubeObject, given: KubeObject): Error {
  const { name, namespace, uid } = old.metadata
  const key = `/registry/${resource.plural}/${namespace ? `${namespace}/` : ''}${name}`
  const text = `Precondition failed: UID in precondition: ${given.metadata.uid}, UID in object meta: ${uid}`
  const storage = `invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${text}`
  return conflict(resource, name, `StorageError: ${storage}`)
}

export function checkPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  preconditions: RemoveOptions['preconditions'] = {},
): void {
  // In these two answers the real server names the kind where all others name the resource.
  const named = { group: resource.group, plural: resource.kind }
  const refuse = (what: string, wanted: string, found: string | undefined, end: string) => {
    const text = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found})`
    return conflict(named, metadata.name, `${text}. The object might have been ${end}`)
  }
  const { uid, resourceVersion } = preconditions
  if (uid && uid !== metadata.uid) throw refuse('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw refuse('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified')
  }
}
