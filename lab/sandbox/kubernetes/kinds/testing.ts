import type { FieldError, KubeObject, Resource } from '../types.ts'
import { applyDefaults, builtInResources, decodeObject, prepare, validate } from './index.ts'

/** A built-in resource by its kind; the group where several have the kind. */
export function resourceOf(kind: string, group?: string): Resource {
  const found = builtInResources.find((one) => one.kind === kind && (group === undefined || one.group === group))
  if (!found) throw new Error(`no built-in resource ${kind}`)
  return found
}

/** What the API server does with a body before it stores it. */
export function admit(
  resource: Resource,
  body: unknown,
  old?: KubeObject,
): { object: KubeObject; errors: FieldError[] } {
  const { object: decoded } = decodeObject(resource, body, 'Strict')
  const defaulted = applyDefaults(resource, decoded)
  const object = prepare(resource, { ...defaulted, metadata: { uid: 'u-1', ...defaulted.metadata } }, old, undefined)
  return { object, errors: validate(resource, object, old) }
}

/** Errors as the API shows them: `field: message`. */
export const texts = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`)

/** The smallest Deployment that is valid, with a pod template's first container changed. */
export const deployment = (container: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) => ({
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'repo/app:1', ...container }] },
    },
    ...spec,
  },
})
