import { ApiError } from '../../../core/errors.ts'
import type { KubeObject, Resource } from '../../types.ts'
import { groupVersion } from '../registry/conversion.ts'
import type { ResourceCall } from './context.ts'
import { type Negotiated, negotiate, type Representation } from './negotiate.ts'
import { send } from './respond.ts'

const META = 'meta.k8s.io/v1'

const partial = (object: KubeObject): unknown => ({
  kind: 'PartialObjectMetadata',
  apiVersion: META,
  metadata: object.metadata,
})

/** A Table of objects. `includeObject` of the query says what each row carries. */
export function tableOf(
  call: ResourceCall,
  objects: readonly KubeObject[],
  metadata: unknown,
): Record<string, unknown> {
  const { api, resource, query } = call
  const include = query.get('includeObject') || 'Metadata'
  const { columnDefinitions, rows } = api.kinds.tableOf(resource, objects, api.clock.now())
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions,
    rows: rows.map((row, at) => {
      const object = objects[at] as KubeObject
      const shown = include === 'Object' ? object : include === 'None' ? undefined : partial(object)
      return { ...row, ...(shown ? { object: shown } : {}) }
    }),
  }
}

/** An object as a negotiated representation. */
export function shownAs(call: ResourceCall, object: KubeObject, as: Representation): unknown {
  if (as === 'Table') return tableOf(call, [object], { resourceVersion: object.metadata.resourceVersion })
  if (as === 'PartialObjectMetadata') return partial(object)
  return object
}

export const negotiateObject = (call: ResourceCall): Negotiated =>
  negotiate(call.request.headers.accept, ['object', 'Table', 'PartialObjectMetadata'])

/** Answers with one object. */
export function sendObject(call: ResourceCall, object: KubeObject, code = 200): void {
  const { as, yaml, contentType } = negotiateObject(call)
  send(call.request, call.response, { code, body: shownAs(call, object, as), yaml, contentType })
}

export type ListMetadata = { resourceVersion: string; continue?: string; remainingItemCount?: number }

/** Items of a list of a built-in kind have neither kind nor apiVersion. */
function item(resource: Resource, object: KubeObject): unknown {
  if (resource.custom) return object
  const { kind: _, apiVersion: __, ...rest } = object
  return rest
}

/** Answers with a list. */
export function sendList(call: ResourceCall, objects: readonly KubeObject[], metadata: ListMetadata): void {
  const { request, response, resource } = call
  const allowed: Representation[] = ['object', 'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']
  const { as, yaml, contentType } = negotiate(request.headers.accept, allowed)
  if (as === 'PartialObjectMetadata') {
    const type = `*${resource.custom ? 'unstructured.Unstructured' : `${resource.group || 'core'}.${resource.kind}`}List`
    const text = `you requested PartialObjectMetadata, but the requested object is a list (${type})`
    throw new ApiError(406, text, { reason: 'NotAcceptable' })
  }
  const fields = { ...(resource.custom ? { continue: '' } : {}), ...metadata }
  const body =
    as === 'Table'
      ? tableOf(call, objects, metadata)
      : as === 'PartialObjectMetadataList'
        ? { kind: 'PartialObjectMetadataList', apiVersion: META, metadata, items: objects.map(partial) }
        : {
            kind: `${resource.kind}List`,
            apiVersion: groupVersion(resource),
            metadata: fields,
            items: objects.map((object) => item(resource, object)),
          }
  send(request, response, { body, yaml, contentType })
}
