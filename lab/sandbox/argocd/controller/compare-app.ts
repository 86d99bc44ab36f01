import { messageOf } from '../../core/errors.ts'
import { equalJson } from '../../core/json.ts'
import { KubeError, type KubeObject } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import {
  type Application,
  type ApplicationStatus,
  type ComparedTo,
  type Condition,
  type HealthStatusCode,
  isMultiSource,
  type ResourceStatus,
  type Source,
  type SourceType,
  type SyncStatus,
  sourcesOf,
} from '../application.ts'
import { type DiffResult, diff } from '../diff/diff.ts'
import { ignoredPaths, withoutPaths } from '../diff/ignore.ts'
import { UnsupportedPath } from '../diff/jq-path.ts'
import { normalize } from '../diff/normalize.ts'
import { hasOption, resourceKey } from '../json.ts'
import { type Project, permitsKind } from '../project.ts'
import type { RepoClient } from '../repo-server/client.ts'
import { RpcError } from '../repo-server/protocol.ts'
import { findRepository } from '../repositories.ts'
import { isExcluded, type Settings } from '../settings.ts'
import { isHook, isSkipped, SYNC_OPTIONS } from '../sync/hooks.ts'
import type { ResourceOperations } from '../sync/resource-operations.ts'
import { trackedBy } from '../tracking.ts'
import type { ClusterCache } from './cluster-cache.ts'
import { deduplicate, judge, type ManagedResource } from './compare.ts'

export type Comparison = {
  readonly resources: readonly ManagedResource[]
  readonly hooks: readonly KubeObject[]
  readonly statuses: readonly ResourceStatus[]
  readonly sync: SyncStatus
  readonly health: HealthStatusCode
  /** Of the types that a comparison evaluates. */
  readonly conditions: readonly Condition[]
  readonly sourceTypes: readonly SourceType[]
  /** Why the target state could not be rendered. */
  readonly failure: string | undefined
}

export type CompareRequest = {
  readonly app: Application
  readonly project: Project
  readonly sources: readonly Source[]
  /** What to compare with, a text for each source. */
  readonly revisions: readonly string[]
  readonly multiple: boolean
  readonly fresh: boolean
  readonly hard: boolean
  readonly namespaceMetadataChanged: boolean
}

export type ComparerTools = {
  readonly repo: RepoClient
  readonly cache: ClusterCache
  readonly operations: ResourceOperations
  readonly settings: () => Settings
  readonly secrets: () => readonly KubeObject[]
}

/** Renders what Git wants and compares it with the cluster. */
export async function compareApp(request: CompareRequest, tools: ComparerTools): Promise<Comparison> {
  const { app, project } = request
  const settings = tools.settings()
  const rendered = await loadTargets(request, tools)
  const conditions: Condition[] = rendered.failure ? [{ type: 'ComparisonError', message: rendered.failure }] : []
  const { targets, hooks, conditions: warnings } = arrange(rendered.objects, app, settings, tools.cache)
  conditions.push(...warnings)
  const isPermitted = (object: KubeObject) => {
    const namespaced = tools.cache.resource(groupOf(object), object.kind)?.namespaced ?? true
    return permitsKind(project, groupOf(object), object.kind, namespaced, object.metadata.name)
  }
  const paired = await pair(targets, app, settings, tools)
  const resources: ManagedResource[] = []
  for (const resource of paired) {
    try {
      resources.push(await withDiff(resource, app, tools.operations))
    } catch (error) {
      if (!(error instanceof UnsupportedPath)) throw error
      conditions.push({ type: 'ComparisonError', message: error.message })
      resources.push(resource)
    }
  }
  const verdict = judge({
    app: { name: app.metadata.name, namespace: app.metadata.namespace ?? '' },
    resources,
    trackingMethod: settings.trackingMethod,
    failed: conditions.some(({ type }) => type === 'ComparisonError'),
    namespaceMetadataChanged: request.namespaceMetadataChanged,
    isPermitted,
  })
  return {
    resources,
    hooks,
    statuses: verdict.statuses,
    sync: syncStatus(request, verdict.sync, rendered.revisions),
    health: verdict.health,
    conditions: [...conditions, ...verdict.conditions],
    sourceTypes: rendered.sourceTypes,
    failure: rendered.failure,
  }
}

type Rendered = { objects: KubeObject[]; revisions: string[]; sourceTypes: SourceType[]; failure: string | undefined }

async function loadTargets(request: CompareRequest, { repo, settings, secrets }: ComparerTools): Promise<Rendered> {
  const { app, sources, revisions } = request
  const result: Rendered = { objects: [], revisions: [], sourceTypes: [], failure: undefined }
  for (const [at, source] of sources.entries()) {
    const repository = findRepository(secrets(), source.repoURL, app.spec.project)
    const revision = revisions[at] || 'HEAD'
    try {
      if (source.ref && !source.path && !source.chart) {
        result.revisions.push((await repo.resolveRevision({ repository, revision })).revision)
        continue
      }
      const answer = await repo.generateManifest({
        repository,
        source,
        revision,
        app: { name: app.metadata.name, namespace: app.spec.destination?.namespace ?? '' },
        trackingMethod: settings().trackingMethod,
        noRevisionCache: request.fresh,
        noCache: request.hard,
      })
      result.objects.push(...answer.manifests)
      result.revisions.push(answer.revision)
      result.sourceTypes.push(answer.sourceType)
    } catch (error) {
      const text = error instanceof RpcError ? error.describe() : messageOf(error)
      const failure = `Failed to load target state: failed to generate manifest for source ${at + 1} of ${sources.length}: ${text}`
      return { objects: [], revisions: revisions.map((r) => r || 'HEAD'), sourceTypes: [], failure }
    }
  }
  return result
}

/** Targets with their namespaces, each once, without hooks and what Argo CD is told to leave alone. */
function arrange(objects: readonly KubeObject[], app: Application, settings: Settings, cache: ClusterCache) {
  const conditions: Condition[] = []
  const placed = objects.flatMap((object): KubeObject[] => {
    const [group, { kind, metadata }] = [groupOf(object), object]
    if (isExcluded(settings, group, kind)) {
      const message = `Resource ${group}/${kind} ${metadata.name} is excluded in the settings`
      conditions.push({ type: 'ExcludedResourceWarning', message })
      return []
    }
    const { namespace, ...rest } = metadata
    const namespaced = cache.resource(group, kind)?.namespaced ?? true
    const placedIn = namespaced ? namespace || app.spec.destination?.namespace : undefined
    return [{ ...object, metadata: placedIn ? { ...rest, namespace: placedIn } : rest }]
  })
  const hooks = placed.filter(isHook)
  const unique = deduplicate(placed.filter((object) => !isHook(object) && !isSkipped(object)))
  return { targets: unique.targets, hooks, conditions: [...conditions, ...unique.conditions] }
}

/** Each target with its live object, then what is tracked in the cluster without a target. */
async function pair(
  targets: readonly KubeObject[],
  app: Application,
  { trackingMethod }: Settings,
  { cache, operations }: ComparerTools,
): Promise<ManagedResource[]> {
  const known = new Set(targets.map(resourceKey))
  const wanted = await Promise.all(
    targets.map(async (target): Promise<ManagedResource> => {
      const { namespace, name } = target.metadata
      let live = name ? cache.get(groupOf(target), target.kind, namespace, name) : undefined
      if (live && versionOf(live) !== versionOf(target)) live = await operations.get(target).catch(() => live)
      return { key: resourceKey(target), target, ...(live ? { live } : {}) }
    }),
  )
  const extra: ManagedResource[] = []
  for (const live of cache.all()) {
    if (live.metadata.ownerReferences?.length || trackedBy(live, trackingMethod) !== app.metadata.name) continue
    const key = resourceKey(live)
    if (!known.has(key)) extra.push({ key, live })
  }
  return [...wanted, ...extra]
}

async function withDiff(resource: ManagedResource, app: Application, operations: ResourceOperations) {
  const { target, live } = resource
  if (!target || !live) return resource
  const paths = ignoredPaths(target, live, app.spec.ignoreDifferences ?? [])
  const [wanted, actual] = [withoutPaths(target, paths), withoutPaths(live, paths)]
  const onServer =
    hasOption(app, 'argocd.argoproj.io/compare-options', 'ServerSideDiff=true') ||
    app.spec.syncPolicy?.syncOptions?.includes('ServerSideApply=true') ||
    hasOption(target, SYNC_OPTIONS, 'ServerSideApply=true')
  const serverSide = onServer ? await serverSideDiff(target, live, operations, paths) : undefined
  return { ...resource, diff: serverSide ?? diff(wanted, actual) }
}

/** What a server-side apply would change; undefined when the server refuses to try it. */
async function serverSideDiff(
  target: KubeObject,
  live: KubeObject,
  operations: ResourceOperations,
  paths: Parameters<typeof withoutPaths>[1],
): Promise<DiffResult | undefined> {
  try {
    const predicted = await operations.dryRunApply(target)
    const [predictedLive, normalizedLive] = [predicted, live].map((o) => normalize(withoutPaths(o, paths)))
    if (!predictedLive || !normalizedLive) return undefined
    return { modified: !equalJson(predictedLive, normalizedLive), normalizedLive, predictedLive }
  } catch (error) {
    if (error instanceof KubeError) return undefined
    throw error
  }
}

function syncStatus(request: CompareRequest, status: SyncStatus['status'], revisions: readonly string[]): SyncStatus {
  const { app, sources, multiple } = request
  const comparedTo: ComparedTo = {
    destination: app.spec.destination,
    ...(app.spec.ignoreDifferences?.length ? { ignoreDifferences: app.spec.ignoreDifferences } : {}),
    ...(multiple ? { sources: [...sources] } : { source: sources[0] as Source }),
  }
  return { status, comparedTo, ...(multiple ? { revisions: [...revisions] } : { revision: revisions[0] ?? '' }) }
}

/** The request for a comparison with what the spec wants. */
export function requestFor(
  app: Application,
  project: Project,
  options: {
    readonly fresh: boolean
    readonly hard: boolean
    readonly recent: boolean
    readonly namespaceMetadataChanged: boolean
  },
): CompareRequest {
  const sources = sourcesOf(app.spec)
  const multiple = isMultiSource(app.spec)
  const compared: ApplicationStatus['sync'] = app.status?.sync
  const last = compared?.revisions ?? (compared?.revision ? [compared.revision] : [])
  const wanted = sources.map((source) => source.targetRevision ?? '')
  const revisions = options.recent && last.length === sources.length ? last : wanted
  return { app, project, sources, revisions, multiple, ...options }
}
