import { parse } from 'yaml'
import { ApiError, messageOf } from '../../../core/errors.ts'
import type { KubeObject, Writer } from '../../types.ts'
import { MEDIA_TYPES, type Patch } from '../patch/patch.ts'
import { badRequest, forbidden } from '../registry/errors.ts'
import { bytesOf, decodeBody, jsonError, mediaTypeOf } from './body.ts'
import type { ResourceCall } from './context.ts'
import { selected } from './list.ts'
import { deleteOptionsOf, writerOf } from './options.ts'
import { negotiateObject, sendList, sendObject } from './render.ts'
import { send } from './respond.ts'

/** Adds a `Warning` header; a text that was said already is not repeated. */
export function warner({ response }: Pick<ResourceCall, 'response'>): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (said.has(text)) return
    said.add(text)
    response.appendHeader('warning', `299 - ${JSON.stringify(text)}`)
  }
}

/** The object that a request brings; keys given twice are an error or a warning like unknown fields. */
export async function objectOf(call: ResourceCall, writer: Writer): Promise<KubeObject> {
  const { api, request, resource } = call
  const { value, duplicates } = decodeBody(api.kinds, resource, mediaTypeOf(request), await bytesOf(request))
  const texts = duplicates.map((path) => `duplicate field "${path}"`)
  if (texts.length > 0 && writer.fieldValidation === 'Strict') {
    const text = `strict decoding error: ${texts.join(', ')}`
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${text}`,
    )
  }
  if (writer.fieldValidation !== 'Ignore') for (const text of texts) writer.warn?.(text)
  const object = value as KubeObject
  return { ...object, metadata: object.metadata ?? {} }
}

const options = (
  call: ResourceCall,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions',
  apply = false,
) => writerOf({ request: call.request, query: call.query, user: call.user, kind, apply, warn: warner(call) })

/** POST to a collection. */
export async function create(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  negotiateObject(call)
  const writer = options(call, 'CreateOptions')
  const object = await objectOf(call, writer)
  sendObject(call, api.registry.create(resource, path.namespace, object, writer), 201)
}

/** PUT to an object or a subresource. */
export async function update(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  negotiateObject(call)
  const writer = options(call, 'UpdateOptions')
  const object = await objectOf(call, writer)
  const name = path.name as string
  const existed = api.registry.storage.read(resource, path.namespace, name) !== undefined
  const updated = api.registry.update(resource, path.namespace, name, object, writer, path.subresource)
  sendObject(call, updated, existed ? 200 : 201)
}

/** PATCH of an object or a subresource. */
export async function patch(call: ResourceCall): Promise<void> {
  const { api, path, request, resource } = call
  negotiateObject(call)
  const type = MEDIA_TYPES[mediaTypeOf(request)]
  if (!type) {
    throw new ApiError(415, '415: Unsupported Media Type', { reason: 'UnsupportedMediaType', details: {} })
  }
  const writer = options(call, 'PatchOptions', type === 'apply')
  const body = decodePatch(type, await bytesOf(request))
  const { object, created } = api.registry.patch(
    resource,
    path.namespace,
    path.name as string,
    { type, body },
    writer,
    path.subresource,
  )
  sendObject(call, object, created ? 201 : 200)
}

function decodePatch(type: Patch['type'], bytes: Buffer): unknown {
  const text = bytes.toString()
  if (type === 'apply') {
    try {
      return parse(text, { uniqueKeys: false })
    } catch (error) {
      throw badRequest(`error decoding YAML: ${messageOf(error)}`)
    }
  }
  const error = jsonError(text)
  if (error) throw badRequest(type === 'strategic' ? error : `error decoding patch: ${error}`)
  return JSON.parse(text)
}

/** Whom nobody but the cluster itself may delete: the control plane, which nothing here would bring back. */
export function refuseControlPlane(call: ResourceCall, object: KubeObject | undefined): void {
  if (call.resource.group !== '' || call.resource.plural !== 'pods' || object?.metadata.namespace !== 'kube-system')
    return
  if (object.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined) return
  throw forbidden(
    call.resource,
    object.metadata.name,
    'this Pod is part of the control plane of the sandbox and may not be deleted',
  )
}

/** Kinds whose deletion is answered with the object; all others with a Status. */
const ANSWERED_WITH_OBJECT = new Set(['pods', 'serviceaccounts', 'services'])

async function deleteBody(call: ResourceCall): Promise<unknown> {
  const bytes = await bytesOf(call.request)
  if (bytes.length === 0) return undefined
  return decodeBody(call.api.kinds, { kind: 'DeleteOptions' }, mediaTypeOf(call.request), bytes).value
}

/** DELETE of an object. */
export async function remove(call: ResourceCall): Promise<void> {
  const { api, path, request, response, resource } = call
  const { contentType, yaml } = negotiateObject(call)
  const { dryRun, ...wanted } = deleteOptionsOf(await deleteBody(call), call.query)
  const writer = { ...options(call, 'DeleteOptions'), dryRun }
  const name = path.name as string
  refuseControlPlane(call, api.registry.storage.read(resource, path.namespace, name))
  const { object, gone } = api.registry.remove(resource, path.namespace, name, wanted, writer)
  if (!gone || (resource.group === '' && ANSWERED_WITH_OBJECT.has(resource.plural))) return sendObject(call, object)
  const details = {
    name,
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.plural,
    uid: object.metadata.uid,
  }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  send(request, response, { body: status, contentType, yaml })
}

/** DELETE of a collection: the answer is the list of what was selected. */
export async function removeAll(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  const { dryRun, ...wanted } = deleteOptionsOf(await deleteBody(call), call.query)
  const writer = { ...options(call, 'DeleteOptions'), dryRun }
  const { items, metadata } = selected(call, path.namespace)
  for (const object of items) refuseControlPlane(call, object)
  const removed = items.map(({ metadata: { namespace, name } }) =>
    api.registry.remove(resource, namespace, name, wanted, writer),
  )
  sendList(
    call,
    removed.map(({ object }) => object),
    metadata,
  )
}
