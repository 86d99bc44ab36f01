import { randomUUID } from 'node:crypto'
import type { FieldError, KubeObject, ObjectMeta, Resource } from '../../types.ts'
import { forbiddenField, invalidValue } from './errors.ts'
import { equal, randomSuffix, timestamp } from './values.ts'

/** Metadata of a new object: what clients may say of it, and what the server adds. */
export function newMetadata(
  resource: Resource,
  given: ObjectMeta,
  namespace: string | undefined,
  now: number,
): ObjectMeta {
  const { name, generateName, labels, annotations, finalizers, ownerReferences, managedFields } = given
  return withoutEmpty({
    name: name || (generateName ? `${generateName.slice(0, 58)}${randomSuffix()}` : ''),
    generateName,
    namespace: resource.namespaced ? namespace : undefined,
    uid: randomUUID(),
    generation: resource.hasGeneration ? 1 : undefined,
    creationTimestamp: timestamp(now),
    labels,
    annotations,
    finalizers,
    ownerReferences,
    managedFields,
  })
}

/** Metadata of an update: the server's own fields stay as they were stored. */
export function updatedMetadata(given: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { labels, annotations, finalizers, ownerReferences, managedFields } = given
  const { name, generateName, namespace, uid, generation, creationTimestamp, deletionTimestamp } = old
  return withoutEmpty({
    name,
    generateName,
    namespace,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
    labels,
    annotations,
    finalizers,
    ownerReferences,
    managedFields,
  })
}

/** What an update says of metadata that cannot be changed. `given` is as the client sent it. */
export function metadataErrors(given: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  const immutable = (field: 'uid' | 'deletionTimestamp' | 'deletionGracePeriodSeconds') => {
    if (given[field] !== undefined && given[field] !== old[field]) {
      errors.push(invalidValue(`metadata.${field}`, given[field], 'field is immutable'))
    }
  }
  immutable('uid')
  immutable('deletionTimestamp')
  immutable('deletionGracePeriodSeconds')
  if (old.deletionTimestamp) {
    const added = (given.finalizers ?? []).filter((name) => !old.finalizers?.includes(name))
    if (added.length > 0) {
      const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`
      const text = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
      errors.push(forbiddenField('metadata.finalizers', text))
    }
  }
  return errors
}

const KEPT_OUT_OF_SPEC = new Set(['apiVersion', 'kind', 'metadata'])

/** Whether an update changes what `metadata.generation` counts. A Deployment's also counts annotations (seen in 1.36). */
export function generationRises(resource: Resource, object: KubeObject, old: KubeObject): boolean {
  const ownStatus = resource.subresources.includes('status')
  const counts = (field: string) => !KEPT_OUT_OF_SPEC.has(field) && !(ownStatus && field === 'status')
  const changed = new Set([...Object.keys(object), ...Object.keys(old)])
  for (const field of changed) if (counts(field) && !equal(object[field], old[field])) return true
  return (
    resource.group === 'apps' &&
    resource.plural === 'deployments' &&
    !equal(object.metadata.annotations ?? {}, old.metadata.annotations ?? {})
  )
}

/** Fields that the API omits when they are empty. */
function withoutEmpty(metadata: ObjectMeta): ObjectMeta {
  const isEmpty = (value: unknown) =>
    value === undefined ||
    value === null ||
    (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0)
  return Object.fromEntries(
    Object.entries(metadata).filter(([name, value]) => name === 'name' || !isEmpty(value)),
  ) as ObjectMeta
}
