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
  if (!metadata.name && !metadata.generateName) {
    errors.push(required('metadata.name', 'name or generateName is required'))
  } else if (metadata.name) {
    for (const text of messages(metadata.name)) errors.push(invalid('metadata.name', metadata.name, text))
  }
  errors.push(...labelErrors(metadata.labels, 'metadata.labels'))
  errors.push(...annotationErrors(metadata.annotations, 'metadata.annotations'))
  errors.push(...ownerErrors(metadata.ownerReferences ?? []))
  for (const finalizer of metadata.finalizers ?? []) {
    for (const text of qualifiedNameMessages(finalizer)) errors.push(invalid('metadata.finalizers', finalizer, text))
  }
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

function ownerErrors(owners: readonly Json[]): FieldError[] {
  const errors: FieldError[] = []
  owners.forEach((owner, at) => {
    const path = `metadata.ownerReferences[${at}]`
    if (!owner.apiVersion)
      errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid']) {
      if (!owner[field]) errors.push(invalid(`${path}.${field}`, owner[field] ?? '', 'must not be empty'))
    }
  })
  const controllers = owners.filter(({ controller }) => controller)
  if (controllers.length > 1) {
    const [first, second] = controllers.map(({ kind, name }) => `${kind}/${name}`)
    const text = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`
    errors.push(invalid('metadata.ownerReferences', owners, text))
  }
  return errors
}
