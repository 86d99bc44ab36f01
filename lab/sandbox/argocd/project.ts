import type { KubeObject } from '../core/kube-client.ts'
import type { Destination } from './application.ts'
import { matchesGlob } from './glob.ts'
import { normalizeUrl } from './repositories.ts'

type GroupKind = { group: string; kind: string; name?: string }
type ProjectDestination = { server?: string; name?: string; namespace?: string }

export type ProjectSpec = {
  readonly sourceRepos?: readonly string[]
  readonly destinations?: readonly ProjectDestination[]
  readonly clusterResourceWhitelist?: readonly GroupKind[]
  readonly clusterResourceBlacklist?: readonly GroupKind[]
  readonly namespaceResourceWhitelist?: readonly GroupKind[]
  readonly namespaceResourceBlacklist?: readonly GroupKind[]
  readonly syncWindows?: readonly object[]
  readonly signatureKeys?: readonly object[]
}

export type Project = KubeObject & { spec: ProjectSpec }

/** A pattern that begins with `!` denies what it matches; anything else has to be allowed by a pattern without. */
const permits = (patterns: readonly string[], matches: (pattern: string) => boolean): boolean =>
  patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern)) &&
  !patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))

export function permitsSource({ spec }: Project, url: string): boolean {
  const wanted = normalizeUrl(url)
  return permits(spec.sourceRepos ?? [], (pattern) =>
    pattern === '*' ? true : matchesGlob(normalizeUrl(pattern), wanted, '/'),
  )
}

export function permitsDestination({ spec }: Project, destination: Required<Destination>): boolean {
  const matches = (item: ProjectDestination) => {
    const server = item.server ?? ''
    const name = item.name ?? ''
    const cluster =
      (server !== '' && matchesGlob(server.replace(/^!/, ''), destination.server)) ||
      (name !== '' && matchesGlob(name.replace(/^!/, ''), destination.name))
    return cluster && matchesGlob((item.namespace ?? '').replace(/^!/, ''), destination.namespace)
  }
  const denies = (item: ProjectDestination) =>
    [item.server, item.name, item.namespace].some((field) => field?.startsWith('!'))
  const items = spec.destinations ?? []
  return items.some((item) => !denies(item) && matches(item)) && !items.some((item) => denies(item) && matches(item))
}

/** Whether the project lets its Applications manage a kind. Cluster-scoped kinds have to be listed. */
export function permitsKind({ spec }: Project, group: string, kind: string, namespaced: boolean, name = ''): boolean {
  const listed = (list: readonly GroupKind[] | undefined) =>
    (list ?? []).some(
      (item) =>
        matchesGlob(item.group, group) &&
        matchesGlob(item.kind, kind) &&
        (item.name === undefined || matchesGlob(item.name, name)),
    )
  if (namespaced) {
    const white = spec.namespaceResourceWhitelist
    return (white === undefined || listed(white)) && !listed(spec.namespaceResourceBlacklist)
  }
  return listed(spec.clusterResourceWhitelist) && !listed(spec.clusterResourceBlacklist)
}
