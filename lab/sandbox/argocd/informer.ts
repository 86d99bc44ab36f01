import type { KubeClient, KubeObject, ListOptions, ResourceId } from '../core/kube-client.ts'

export type Change = { readonly object: KubeObject; readonly previous?: KubeObject; readonly deleted: boolean }

const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`

const isOlder = (object: KubeObject, known: KubeObject): boolean =>
  BigInt(object.metadata.resourceVersion || '0') < BigInt(known.metadata.resourceVersion || '0')

/** The objects of one resource as a watch keeps them, and who wants to know of changes. */
export class Informer {
  private objects = new Map<string, KubeObject>()
  /** Resolves once the first list has come or has failed. */
  readonly ready: Promise<void>

  constructor(
    kube: KubeClient,
    resource: ResourceId,
    options: ListOptions,
    signal: AbortSignal,
    private readonly notify: (change: Change) => void = () => {},
  ) {
    let markReady = () => {}
    this.ready = new Promise((resolve) => {
      markReady = resolve
    })
    signal.addEventListener('abort', () => markReady(), { once: true })
    const handler = {
      onSync: (objects: readonly KubeObject[]) => {
        this.replace(objects)
        markReady()
      },
      onEvent: (event: { type: string; object: KubeObject }) => {
        if (event.type === 'DELETED') this.remove(event.object)
        else this.put(event.object)
      },
      onError: () => markReady(),
    }
    kube.watch(resource, options, handler, signal)
  }

  get(name: string, namespace = ''): KubeObject | undefined {
    return this.objects.get(`${namespace}/${name}`)
  }

  list(): KubeObject[] {
    return [...this.objects.values()]
  }

  /** Takes in an object that a write returned, so that nobody has to wait for the watch to bring it. */
  put(object: KubeObject): void {
    const key = keyOf(object)
    const previous = this.objects.get(key)
    if (previous && (isOlder(object, previous) || sameVersion(object, previous))) return
    this.objects.set(key, object)
    this.notify({ object, ...(previous ? { previous } : {}), deleted: false })
  }

  private remove(object: KubeObject): void {
    const previous = this.objects.get(keyOf(object))
    if (!previous || (previous.metadata.uid !== object.metadata.uid && isOlder(object, previous))) return
    this.objects.delete(keyOf(object))
    this.notify({ object, previous, deleted: true })
  }

  private replace(objects: readonly KubeObject[]): void {
    const kept = new Set(objects.map(keyOf))
    for (const [key, object] of [...this.objects]) if (!kept.has(key)) this.remove(object)
    for (const object of objects) this.put(object)
  }
}

const sameVersion = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.resourceVersion !== undefined &&
  a.metadata.uid === b.metadata.uid &&
  a.metadata.resourceVersion === b.metadata.resourceVersion
