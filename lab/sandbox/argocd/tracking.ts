import type { KubeObject } from '../core/kube-client.ts'
import { groupOf } from '../core/kube-objects.ts'
import { annotation } from './json.ts'

export const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id'
export const INSTANCE_LABEL = 'app.kubernetes.io/instance'

/** How objects remember their Application: `application.resourceTrackingMethod` in argocd-cm. */
export type TrackingMethod = 'annotation' | 'label' | 'annotation+label'

/** `<app>:<group>/<kind>:<namespace>/<name>`; a cluster-scoped object carries the Application's namespace. */
export type TrackingId = {
  readonly app: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export const formatTrackingId = (id: TrackingId): string =>
  `${id.app}:${id.group}/${id.kind}:${id.namespace}/${id.name}`

export function parseTrackingId(text: string | undefined): TrackingId | undefined {
  const match = /^([^:]*):([^/]*)\/([^:]*):([^/]*)\/(.*)$/.exec(text ?? '')
  if (!match) return undefined
  const [, app, group, kind, namespace, name] = match as unknown as [string, string, string, string, string, string]
  return { app, group, kind, namespace, name }
}

const isDefinition = (object: KubeObject): boolean =>
  object.kind === 'CustomResourceDefinition' && groupOf(object) === 'apiextensions.k8s.io'

/** The object marked as belonging to an Application. CustomResourceDefinitions are never marked by annotation. */
export function track(object: KubeObject, app: string, namespace: string, method: TrackingMethod): KubeObject {
  const metadata = { ...object.metadata }
  if (method !== 'annotation') metadata.labels = { ...metadata.labels, [INSTANCE_LABEL]: app.slice(0, 63) }
  if (method !== 'label' && !isDefinition(object)) {
    const id = formatTrackingId({
      app,
      group: groupOf(object),
      kind: object.kind,
      namespace: metadata.namespace || namespace,
      name: metadata.name ?? '',
    })
    metadata.annotations = { ...metadata.annotations, [TRACKING_ANNOTATION]: id }
  }
  return { ...object, metadata }
}

/** The name of the Application that an object says it belongs to. */
export function trackedBy(object: KubeObject, method: TrackingMethod): string | undefined {
  if (method === 'label') return object.metadata.labels?.[INSTANCE_LABEL]
  return parseTrackingId(annotation(object, TRACKING_ANNOTATION))?.app
}

/** Whether a tracking id was written for this very object, rather than copied onto it from another one. */
export function isSelfReferenced(live: KubeObject | undefined, method: TrackingMethod): boolean {
  if (!live || method === 'label') return true
  const id = parseTrackingId(annotation(live, TRACKING_ANNOTATION))
  if (!id) return true
  return (
    id.group === groupOf(live) &&
    id.kind === live.kind &&
    id.name === live.metadata.name &&
    (live.metadata.namespace === undefined || id.namespace === live.metadata.namespace)
  )
}
