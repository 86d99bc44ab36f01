import type { FieldError, KubeObject, Resource } from '../../types.ts'
import { invalid, required, tooLong } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import {
  labelMessages,
  labelValueMessages,
  pathSegmentMessages,
  qualifiedNameMessages,
  subdomainMessages,
} from './names.ts'

const ANNOTATIONS_LIMIT = 256 * 1024

/** How the names of a kind are formed; a subdomain unless it is listed. */
const nameForms: Readonly<Record<string, (name: string) => string[]>> = {
  '/Namespace': labelMessages,
  '/Service': labelMessages,
  'rbac.authorization.k8s.io/Role': pathSegmentMessages,
  'rbac.authorization.k8s.io/RoleBinding': pathSegmentMessages,
  'rbac.authorization.k8s.io/ClusterRole': pathSegmentMessages,
  'rbac.authorization.k8s.io/ClusterRoleBinding': pathSegmentMessages,
  // Its own validation says more.
  'apiextensions.k8s.io/CustomResourceDefinition': () => [],
}

/** Kinds that are asked, not stored: they have no name. */
const NAMELESS = new Set(['authentication.k8s.io', 'authorization.k8s.io', 'autoscaling/Scale'])

/** What is wrong with the metadata of a new or changed object. */
export function validateMetadata(resource: Resource, object: KubeObject): FieldError[] {
  if (NAMELESS.has(resource.group) || NAMELESS.has(`${resource.group}/${resource.kind}`)) return []
  const { metadata } = object
  const errors: FieldError[] = []
  const messages = nameForms[`${resource.group}/${resource.kind}`] ?? subdomainMessages
  for (const text of messages(asPrefix(metadata.generateName ?? ''))) {
    if (metadata.generateName) errors.push(invalid('metadata.generateName', metadata.generateName, text))
  }
  if (!metadata.name && !metadata.generateName) {
    errors.push(required('metadata.name', 'name or generateName is required'))
  } else if (metadata.name) {
    for (const text of messages(metadata.name)) errors.push(invalid('metadata.name', metadata.name, text))
  }
  errors.push(...labelErrors(metadata.labels, 'metadata.labels'))
  errors.push(...annotationErrors(metadata.annotations, 'metadata.annotations'))
  errors.push(...ownerErrors(metadata.ownerReferences ?? []))
  errors.push(...finalizerErrors(metadata.finalizers ?? [], !resource.custom && !ANY_FINALIZER.has(resource.group)))
  return errors
}

/** What a dash at its end stands for is judged as if something followed. */
const asPrefix = (name: string): string => (name.length > 1 ? name.replace(/-$/, 'a') : name)

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Groups whose kinds take finalizers without a domain, as custom resources do. */
const ANY_FINALIZER = new Set(['apiextensions.k8s.io', 'admissionregistration.k8s.io'])

function finalizerErrors(finalizers: readonly string[], qualified: boolean): FieldError[] {
  const path = 'metadata.finalizers'
  const errors = finalizers.flatMap((name) => qualifiedNameMessages(name).map((text) => invalid(path, name, text)))
  if (['orphan', 'foregroundDeletion'].every((name) => finalizers.includes(name))) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  if (!qualified) return errors
  finalizers.forEach((name, at) => {
    if (name.includes('/') || STANDARD_FINALIZERS.includes(name)) return
    const text = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalid(`${path}[${at}]`, name, text))
  })
  return errors
}

export function labelErrors(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameMessages(key).map((text) => invalid(path, key, text)),
    ...labelValueMessages(value).map((text) => invalid(path, value, text)),
  ])
}

export function annotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const errors = entries.flatMap(([key]) =>
    qualifiedNameMessages(key.toLowerCase()).map((text) => invalid(path, key, text)),
  )
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return size > ANNOTATIONS_LIMIT ? [...errors, tooLong(path, ANNOTATIONS_LIMIT)] : errors
}

/** An owner reference as Go prints it: in the order of its fields. */
const inOrder = ({ apiVersion = '', kind = '', name = '', uid = '', controller, blockOwnerDeletion }: Json): string =>
  JSON.stringify({ apiVersion, kind, name, uid, controller, blockOwnerDeletion })

/** Causes name the list where one would expect the item. */
function ownerErrors(owners: readonly Json[]): FieldError[] {
  const path = 'metadata.ownerReferences'
  const fault = (value: string, text: string): FieldError => ({
    field: path,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${value}: ${text}`,
  })
  const errors: FieldError[] = []
  let first: string | undefined
  for (const owner of owners) {
    if (!owner.apiVersion) errors.push(invalid(`${path}.apiVersion`, '', 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid']) {
      if (!owner[field]) errors.push(invalid(`${path}.${field}`, '', 'must not be empty'))
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(fault(inOrder(owner), '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (!owner.controller) continue
    const name = `${owner.kind}/${owner.name}`
    const text = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`
    if (first !== undefined) errors.push(fault(`[${owners.map(inOrder).join(',')}]`, text))
    else first = name
  }
  return errors
}
