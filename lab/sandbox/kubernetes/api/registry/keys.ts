import type { Resource } from '../../types.ts'

export const ROOT = '/registry/'

/** One store, two shapes: `events.k8s.io` shows the events of the core group. */
const storageGroup = (resource: Pick<Resource, 'group' | 'plural'>): string =>
  resource.group === '' || (resource.group === 'events.k8s.io' && resource.plural === 'events')
    ? 'core'
    : resource.group

/** The beginning of the keys of a resource, in one namespace or in all. */
export const prefixOf = (resource: Pick<Resource, 'group' | 'plural'>, namespace?: string): string =>
  `${ROOT}${storageGroup(resource)}/${resource.plural}/${namespace ? `${namespace}/` : ''}`

export const keyOf = (
  resource: Pick<Resource, 'group' | 'plural' | 'namespaced'>,
  namespace: string | undefined,
  name: string,
): string => prefixOf(resource, resource.namespaced ? namespace : undefined) + name

/** Group (`core` for the core group), plural and name that a key tells. */
export function partsOf(key: string): { group: string; plural: string; namespace: string | undefined; name: string } {
  const [group = '', plural = '', ...rest] = key.slice(ROOT.length).split('/')
  return {
    group: group === 'core' ? '' : group,
    plural,
    namespace: rest.length > 1 ? rest[0] : undefined,
    name: rest.at(-1) ?? '',
  }
}
