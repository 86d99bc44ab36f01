import { ApiError } from '../../core/errors.ts'
import type { KubeObject, Registry, RegistryEvent, Resource, Selectors, Writer } from '../types.ts'

/** The resources that the cluster's own components read and write, by their plural names. */
const GROUPS = {
  pods: '',
  nodes: '',
  namespaces: '',
  services: '',
  endpoints: '',
  events: '',
  configmaps: '',
  secrets: '',
  serviceaccounts: '',
  deployments: 'apps',
  replicasets: 'apps',
  statefulsets: 'apps',
  controllerrevisions: 'apps',
  jobs: 'batch',
  endpointslices: 'discovery.k8s.io',
} as const

export type Plural = keyof typeof GROUPS

export type Key = { readonly namespace: string | undefined; readonly name: string }

/** The writer that a component of the control plane is to the API server. */
export const writerOf = (fieldManager: string, user = `system:${fieldManager}`): Writer => ({
  user,
  groups: ['system:masters', 'system:authenticated'],
  fieldManager,
})

export const keyOf = (object: KubeObject): Key => ({
  namespace: object.metadata.namespace,
  name: object.metadata.name,
})

export const keyText = ({ namespace, name }: Key): string => (namespace ? `${namespace}/${name}` : name)

export const parseKey = (text: string): Key => {
  const slash = text.indexOf('/')
  return slash < 0
    ? { namespace: undefined, name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

/** Whether an error is the API server's answer with this status. */
export const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiError && error.status === status

/** A registry with the resources already looked up, for the components of the cluster. */
export class Objects {
  private readonly found = new Map<Plural, Resource>()

  constructor(readonly registry: Registry) {}

  resource(plural: Plural): Resource {
    let resource = this.found.get(plural)
    if (!resource) {
      resource = this.registry.find(GROUPS[plural], plural)
      if (!resource) throw new Error(`the API server serves no ${plural}`)
      this.found.set(plural, resource)
    }
    return resource
  }

  /** The object, or undefined if there is none of that name. */
  get(plural: Plural, namespace: string | undefined, name: string): KubeObject | undefined {
    try {
      return this.registry.get(this.resource(plural), namespace, name)
    } catch (error) {
      if (isStatus(error, 404)) return undefined
      throw error
    }
  }

  list(plural: Plural, namespace?: string, selectors?: Selectors): readonly KubeObject[] {
    return this.registry.list(this.resource(plural), namespace, selectors).items
  }

  create(plural: Plural, object: KubeObject, writer: Writer): KubeObject {
    return this.registry.create(this.resource(plural), object.metadata.namespace, object, writer)
  }

  update(plural: Plural, object: KubeObject, writer: Writer, subresource?: string): KubeObject {
    const { namespace, name } = object.metadata
    return this.registry.update(this.resource(plural), namespace, name, object, writer, subresource)
  }

  /** Deletes an object; that it is gone already is no error. */
  remove(plural: Plural, { namespace, name }: Key, writer: Writer, gracePeriodSeconds?: number): void {
    try {
      this.registry.remove(this.resource(plural), namespace, name, { gracePeriodSeconds }, writer)
    } catch (error) {
      if (!isStatus(error, 404)) throw error
    }
  }

  watch(plural: Plural, notify: (event: RegistryEvent) => void): () => void {
    return this.registry.watch(this.resource(plural), notify)
  }
}
