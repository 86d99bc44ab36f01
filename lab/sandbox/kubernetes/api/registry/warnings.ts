import type { KubeObject, ObjectMeta, Resource } from '../../types.ts'

const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion']

/** What is said of finalizers that a write adds to a custom resource: built-in kinds refuse names without a domain. */
function finalizerWarnings({ finalizers = [] }: ObjectMeta, old: ObjectMeta | undefined): string[] {
  const bare = (name: string) => !name.includes('/') && !STANDARD_FINALIZERS.includes(name)
  return [...new Set(finalizers)]
    .filter((name) => bare(name) && !old?.finalizers?.includes(name))
    .sort()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name including a path (/) ` +
        'to avoid accidental conflicts with other finalizer writers',
    )
}

const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** The level that a namespace asks for; `privileged` allows everything and needs nobody to enforce it. */
function podSecurityWarnings({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  const level = metadata.labels?.[ENFORCE]
  if (!level || level === 'privileged' || old?.metadata.labels?.[ENFORCE] === level) return []
  return [`metadata.labels[${ENFORCE}]: Pod Security levels are not enforced by this API server`]
}

/** What is said of a write that is done: `Warning` headers. */
export function warningsOf(resource: Resource, object: KubeObject, old: KubeObject | undefined): string[] {
  if (resource.custom) return finalizerWarnings(object.metadata, old?.metadata)
  return resource.group === '' && resource.plural === 'namespaces' ? podSecurityWarnings(object, old) : []
}
