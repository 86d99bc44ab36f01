import type { KubeObject, Resource } from '../../types.ts'
import { forbidden } from './errors.ts'
import { limitErrors, withDefaultLimits } from './limit-ranges.ts'
import { type Content, quotaRefusal, usedOf } from './quotas.ts'
import type { ResourceTable } from './resources.ts'
import type { Storage } from './storage.ts'

const LIMITED = ['pods', 'persistentvolumeclaims']

/** What LimitRanges and ResourceQuotas of a namespace do to writes. */
export class NamespacePolicy {
  constructor(
    private readonly storage: Storage,
    private readonly table: ResourceTable,
  ) {}

  private all(plural: string, namespace: string): KubeObject[] {
    const resource = this.table.find('', plural)
    return resource ? this.storage.list(resource, namespace) : []
  }

  /** A new Pod with default limits. */
  defaulted(resource: Resource, object: KubeObject, namespace: string | undefined): KubeObject {
    if (namespace === undefined || resource.group !== '' || resource.plural !== 'pods') return object
    return withDefaultLimits(object, this.all('limitranges', namespace))
  }

  /** Refuses what breaks a limit or a quota. `old` is what is replaced. @throws ApiError 403 */
  check(resource: Resource, object: KubeObject, old: KubeObject | undefined): void {
    const { namespace, name } = object.metadata
    if (namespace === undefined) return
    if (!old && resource.group === '' && LIMITED.includes(resource.plural)) {
      const errors = limitErrors(object, this.all('limitranges', namespace))
      if (errors.length > 0)
        throw forbidden(resource, name, errors.length > 1 ? `[${errors.join(', ')}]` : errors.join())
    }
    if (old && resource.plural !== 'services' && resource.plural !== 'persistentvolumeclaims') return
    for (const quota of this.all('resourcequotas', namespace)) {
      const others = this.content(namespace).map(({ resource, objects }) => ({
        resource,
        objects: objects.filter(({ metadata }) => metadata.uid !== object.metadata.uid),
      }))
      const refusal = quotaRefusal(quota, resource, object, usedOf(quota, others))
      if (refusal !== undefined) throw forbidden(resource, name, refusal)
    }
  }

  /** Everything in a namespace, by resource. */
  content(namespace: string): Content {
    return this.table
      .list()
      .filter(
        (resource) => resource.namespaced && resource.verbs.includes('list') && resource.group !== 'events.k8s.io',
      )
      .filter((resource) => this.table.find(resource.group, resource.plural) === resource)
      .map((resource) => ({ resource, objects: this.storage.list(resource, namespace) }))
      .filter(({ objects }) => objects.length > 0)
  }
}
