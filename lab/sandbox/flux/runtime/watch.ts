import type { KubeClient, KubeObject, ResourceId } from '../../core/kube-client.ts'

export type ObjectKey = { readonly namespace: string; readonly name: string }

export const keyOf = (object: KubeObject): ObjectKey => ({
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
})

export const keyText = ({ namespace, name }: ObjectKey): string => (namespace ? `${namespace}/${name}` : name)

/**
 * What a watch saw: `before` is undefined for a new object, `after` for one that is gone (then `before` is how it was
 * last).
 */
export type Change = { readonly before: KubeObject | undefined; readonly after: KubeObject | undefined }

/** Objects of one resource as a watch last saw them. */
export type Cache = { readonly list: () => readonly KubeObject[] }

/**
 * Keeps a copy of a resource's objects and tells each change, also those that happened while the connection was
 * broken. Until the kind exists it is asked for again and again.
 */
export function watchChanges(
  kube: KubeClient,
  resource: ResourceId,
  namespace: string | undefined,
  signal: AbortSignal,
  onChange: (change: Change) => void,
): Cache {
  const objects = new Map<string, KubeObject>()
  const put = (object: KubeObject) => {
    const key = keyText(keyOf(object))
    const before = objects.get(key)
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before) return
    objects.set(key, object)
    // Deleted and created again while nobody looked.
    if (before && before.metadata.uid !== object.metadata.uid) onChange({ before, after: undefined })
    onChange({ before: before?.metadata.uid === object.metadata.uid ? before : undefined, after: object })
  }
  const remove = (key: string) => {
    const before = objects.get(key)
    if (!before) return
    objects.delete(key)
    onChange({ before, after: undefined })
  }
  kube.watch(
    resource,
    namespace === undefined ? {} : { namespace },
    {
      onSync(listed) {
        const present = new Set(listed.map((object) => keyText(keyOf(object))))
        for (const key of [...objects.keys()]) if (!present.has(key)) remove(key)
        for (const object of listed) put(object)
      },
      onEvent(event) {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') put(event.object)
        else if (event.type === 'DELETED') {
          remove(keyText(keyOf(event.object)))
        }
      },
    },
    signal,
  )
  return { list: () => [...objects.values()] }
}
