import type { KubeClient, KubeObject, ListOptions, ResourceId } from './kube-client.ts'

export type ObjectKey = { readonly namespace: string; readonly name: string }

export const keyOf = (object: KubeObject): ObjectKey => ({
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
})

/** `namespace/name`, or the name alone. */
export const keyText = ({ namespace, name }: ObjectKey): string => (namespace ? `${namespace}/${name}` : name)

/** An object that is new (nothing `before`), changed, or gone (nothing `after`: then `before` is how it was last). */
export type Change =
  | { readonly before: KubeObject | undefined; readonly after: KubeObject }
  | { readonly before: KubeObject; readonly after: undefined }

export const objectOf = ({ before, after }: Change): KubeObject => (after ?? before) as KubeObject

const textOf = (object: KubeObject): string => keyText(keyOf(object))

const isOlder = (object: KubeObject, known: KubeObject): boolean =>
  BigInt(object.metadata.resourceVersion || '0') < BigInt(known.metadata.resourceVersion || '0')

const isSame = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.uid === b.metadata.uid &&
  a.metadata.resourceVersion !== undefined &&
  a.metadata.resourceVersion === b.metadata.resourceVersion

/**
 * The objects of one resource as a watch keeps them. It tells each change, also those that happened while the connection
 * was broken. Until the kind exists it is asked for again and again.
 */
export class Informer {
  private readonly objects = new Map<string, KubeObject>()
  /** Resolves once the first list has come or has failed. */
  readonly ready: Promise<void>

  constructor(
    kube: KubeClient,
    resource: ResourceId,
    options: ListOptions,
    signal: AbortSignal,
    private readonly onChange: (change: Change) => void = () => {},
    onError: (error: Error) => void = () => {},
  ) {
    let markReady = () => {}
    this.ready = new Promise((resolve) => {
      markReady = resolve
    })
    signal.addEventListener('abort', () => markReady(), { once: true })
    kube.watch(
      resource,
      options,
      {
        onSync: (objects) => {
          this.replace(objects)
          markReady()
        },
        onEvent: ({ type, object }) => {
          if (type === 'ADDED' || type === 'MODIFIED') this.put(object)
          else if (type === 'DELETED') this.remove(object)
        },
        onError: (error) => {
          onError(error)
          markReady()
        },
      },
      signal,
    )
  }

  get(name: string, namespace = ''): KubeObject | undefined {
    return this.objects.get(keyText({ namespace, name }))
  }

  list(): readonly KubeObject[] {
    return [...this.objects.values()]
  }

  /** Takes in an object that a write returned, so that nobody has to wait for the watch to bring it. */
  put(object: KubeObject): void {
    const before = this.objects.get(textOf(object))
    if (before && (isOlder(object, before) || isSame(object, before))) return
    this.objects.set(textOf(object), object)
    // Deleted and created again while nobody looked.
    const isAnother = before !== undefined && before.metadata.uid !== object.metadata.uid
    if (isAnother) this.onChange({ before, after: undefined })
    this.onChange({ before: isAnother ? undefined : before, after: object })
  }

  private remove(object: KubeObject): void {
    const before = this.objects.get(textOf(object))
    if (!before || (before.metadata.uid !== object.metadata.uid && isOlder(object, before))) return
    this.objects.delete(textOf(object))
    this.onChange({ before, after: undefined })
  }

  private replace(objects: readonly KubeObject[]): void {
    const present = new Set(objects.map(textOf))
    for (const object of this.list()) if (!present.has(textOf(object))) this.remove(object)
    for (const object of objects) this.put(object)
  }
}
