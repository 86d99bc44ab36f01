import { parse } from 'yaml'
import type { KubeObject } from '../core/kube-client.ts'
import { matchesGlob } from './glob.ts'
import type { TrackingMethod } from './tracking.ts'

type ResourceFilter = { apiGroups?: string[]; kinds?: string[] }

export type Settings = {
  readonly trackingMethod: TrackingMethod
  readonly exclusions: readonly ResourceFilter[]
  readonly inclusions: readonly ResourceFilter[]
  readonly url: string
}

/** What the sandbox's Argo CD understands of ConfigMap argocd-cm. Throws when a list in it is no YAML. */
export function readSettings(configMap: KubeObject | undefined): Settings {
  const data: Record<string, string> = configMap?.['data'] ?? {}
  const list = (key: string): ResourceFilter[] => {
    const value: unknown = parse(data[key] ?? '')
    return Array.isArray(value) ? (value as ResourceFilter[]) : []
  }
  const method = data['application.resourceTrackingMethod']
  return {
    trackingMethod: method === 'label' || method === 'annotation+label' ? method : 'annotation',
    exclusions: list('resource.exclusions'),
    inclusions: list('resource.inclusions'),
    url: data['url'] ?? '',
  }
}

/** Kinds that Argo CD never looks at, whatever its settings say. */
const ALWAYS_EXCLUDED: readonly ResourceFilter[] = [
  { apiGroups: ['events.k8s.io', 'metrics.k8s.io'], kinds: ['*'] },
  { apiGroups: [''], kinds: ['Event', 'Node'] },
  { apiGroups: ['coordination.k8s.io'], kinds: ['Lease'] },
]

const matches = (filter: ResourceFilter, group: string, kind: string): boolean =>
  (filter.apiGroups ?? ['*']).some((pattern) => matchesGlob(pattern, group)) &&
  (filter.kinds ?? ['*']).some((pattern) => matchesGlob(pattern, kind))

export function isExcluded(settings: Settings, group: string, kind: string): boolean {
  if ([...ALWAYS_EXCLUDED, ...settings.exclusions].some((filter) => matches(filter, group, kind))) return true
  return settings.inclusions.length > 0 && !settings.inclusions.some((filter) => matches(filter, group, kind))
}
