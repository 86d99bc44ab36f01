import { messageOf } from '../../core/errors.ts'
import { KubeError } from '../../core/kube-client.ts'
import { groupOf, timestamp } from '../../core/kube-objects.ts'
import {
  APPLICATIONS,
  type Application,
  type ApplicationStatus,
  type Condition,
  isMultiSource,
} from '../application.ts'
import { setConditions } from '../conditions.ts'
import { validateSpec } from '../spec.ts'
import { summarize } from '../summary.ts'
import { isHook } from '../sync/hooks.ts'
import { decideAutoSync } from './auto-sync.ts'
import type { ManagedResource } from './compare.ts'
import { type Comparison, compareApp, requestFor } from './compare-app.ts'
import type { Controller } from './controller.ts'
import { finalizeApplication } from './finalize.ts'
import { hasChangedNamespaceMetadata, type Level, needsRefresh, type RefreshNeed } from './needs-refresh.ts'
import { CONTROLLER, persistStatus } from './persist.ts'
import { family, managedResourceItem, resourceTree } from './tree.ts'

/** For so long a source that fails is not told of, when nobody asked for the comparison. */
const REPOSITORY_GRACE = 180_000

/** Compares one Application if there is a reason to, writes what came out, and syncs it if that is automated. */
export async function refreshApplication(
  controller: Controller,
  key: string,
  requested: Level | undefined,
): Promise<void> {
  const app = await controller.application(key)
  if (!app) return
  if (app.metadata.deletionTimestamp) return finalize(controller, key, app)
  if (app.metadata.annotations?.['argocd.argoproj.io/skip-reconcile'] === 'true') return
  const now = controller.context.clock.now()
  const need = needsRefresh(app, requested, now, controller.options.period)
  if (!need) return schedule(controller, key, app)
  const last = controller.comparisons.get(key)
  const comparison = need.level === 'tree' && last ? last : await compare(controller, key, app, need)
  if (!comparison) return
  if (Array.isArray(comparison)) return invalid(controller, key, app, comparison)
  controller.comparisons.set(key, comparison)
  const resources = withCurrentLive(comparison.resources, controller)
  await Promise.all([publish(controller, app, resources), conclude(controller, key, app, need, comparison, resources)])
}

/** The resources of a comparison with their objects as the cluster has them by now. */
const withCurrentLive = (resources: readonly ManagedResource[], { cache }: Controller): ManagedResource[] =>
  resources.map((resource) => {
    if (!resource.live) return resource
    const { kind, metadata } = resource.live
    return {
      ...resource,
      live: cache.get(groupOf(resource.live), kind, metadata.namespace, metadata.name) ?? resource.live,
    }
  })

/** A comparison; the errors of the spec; or nothing when the source fails and may yet recover. */
async function compare(
  controller: Controller,
  key: string,
  app: Application,
  need: RefreshNeed,
): Promise<Comparison | string[] | undefined> {
  const project = controller.project(app.spec.project)
  if (!project) return [`Application referencing project ${app.spec.project} which does not exist`]
  const errors = validateSpec(app.spec, project)
  if (errors.length > 0) return errors
  const request = requestFor(app, project, {
    fresh: need.level === 'resolve',
    hard: need.hard,
    recent: need.level === 'recent' || need.level === 'tree',
    namespaceMetadataChanged: hasChangedNamespaceMetadata(app),
  })
  const comparison = await compareApp(request, controller.tools)
  if (!comparison.failure) {
    controller.brokenSince.delete(key)
    return comparison
  }
  if (need.level === 'resolve') return comparison
  const since = controller.brokenSince.get(key) ?? controller.context.clock.now()
  controller.brokenSince.set(key, since)
  return controller.context.clock.now() - since < REPOSITORY_GRACE ? undefined : comparison
}

async function invalid(
  controller: Controller,
  key: string,
  app: Application,
  errors: readonly string[],
): Promise<void> {
  const now = timestamp(controller.context.clock.now())
  const conditions = errors.map((message): Condition => ({ type: 'InvalidSpecError', message }))
  const status: ApplicationStatus = {
    ...app.status,
    conditions: setConditions(app.status?.conditions ?? [], conditions, ['InvalidSpecError'], now),
    sync: { ...app.status?.sync, status: 'Unknown' },
    health: healthSince(app, 'Unknown', now),
    controllerNamespace: app.metadata.namespace ?? '',
  }
  await persistStatus(controller.context.kube, controller.events, app, status)
  schedule(controller, key, app)
}

const healthSince = (app: Application, status: NonNullable<ApplicationStatus['health']>['status'], now: string) => {
  const before = app.status?.health
  return before?.status === status ? before : { status, lastTransitionTime: now }
}

async function conclude(
  controller: Controller,
  key: string,
  app: Application,
  need: RefreshNeed,
  comparison: Comparison,
  resources: readonly ManagedResource[],
): Promise<void> {
  const { clock, kube } = controller.context
  const now = timestamp(clock.now())
  const summary = summarize(resources.flatMap(({ live }) => (live ? [...family(live, controller.cache)] : [])))
  if (need.level === 'tree') {
    await persistStatus(kube, controller.events, app, { ...app.status, summary })
    return schedule(controller, key, app)
  }
  const { status = {} } = app
  const evaluated = setConditions(
    status.conditions ?? [],
    comparison.conditions,
    [
      'ComparisonError',
      'SharedResourceWarning',
      'RepeatedResourceWarning',
      'ExcludedResourceWarning',
      'InvalidSpecError',
    ],
    now,
  )
  const syncErrors = await autoSync(controller, key, app, comparison)
  const conditions = setConditions(evaluated, syncErrors, ['SyncError'], now)
  const { sourceType: _type, sourceTypes: _types, conditions: _conditions, resources: _resources, ...kept } = status
  const resolved = need.level === 'resolve' || need.level === 'latest'
  const next: ApplicationStatus = {
    ...kept,
    ...(comparison.statuses.length > 0 ? { resources: [...comparison.statuses] } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...sourceTypes(app, comparison),
    sync: comparison.sync,
    health: healthSince(app, comparison.health, now),
    summary,
    reconciledAt: status.reconciledAt === undefined || resolved ? now : status.reconciledAt,
    resourceHealthSource: 'appTree',
    controllerNamespace: app.metadata.namespace ?? '',
  }
  const stored = await persistStatus(kube, controller.events, app, next)
  schedule(controller, key, stored)
}

function sourceTypes(app: Application, { sourceTypes: types }: Comparison): Partial<ApplicationStatus> {
  const [first] = types
  if (!first) return {}
  return isMultiSource(app.spec) ? { sourceTypes: [...types] } : { sourceType: first }
}

/** Begins an automated sync if it is time for one, and returns the condition that keeps it from beginning. */
async function autoSync(
  controller: Controller,
  key: string,
  app: Application,
  comparison: Comparison,
): Promise<Condition[]> {
  const { clock, kube } = controller.context
  const decision = decideAutoSync(app, comparison.sync, comparison.statuses, clock.now())
  switch (decision.kind) {
    case 'none':
      return []
    case 'error':
      return [decision.condition]
    case 'later':
      controller.requestAfter(key, 'self-heal', decision.wait, 'put back what was changed in the cluster', 'latest')
      return []
    case 'sync': {
      const { name, namespace, resourceVersion } = app.metadata
      const patch = { metadata: { resourceVersion }, operation: decision.operation, status: { operationState: null } }
      try {
        await kube.patch(APPLICATIONS, name, namespace, 'merge', patch, { fieldManager: CONTROLLER })
      } catch (error) {
        if (!(error instanceof KubeError && error.code === 409)) throw error
        controller.request(key, 'latest')
        return []
      }
      const revision = comparison.sync.revision ?? comparison.sync.revisions?.join(',') ?? ''
      controller.events.write(app, 'OperationStarted', `Initiated automated sync to '${revision}'`)
      return []
    }
  }
}

/** The next comparison that comes by itself. */
function schedule(controller: Controller, key: string, app: Application): void {
  const { period, jitter } = controller.options
  if (period === 0) return
  const now = controller.context.clock.now()
  const due = Math.max(now, Date.parse(app.status?.reconciledAt ?? timestamp(now)) + period)
  controller.scheduleComparison(key, app.status?.reconciledAt ?? '', due - now + Math.floor(Math.random() * jitter))
}

/** Leaves for argocd-server what it shows of the resources. */
async function publish(controller: Controller, app: Application, resources: readonly ManagedResource[]): Promise<void> {
  const { shared, cache } = controller
  const { name } = app.metadata
  const items = resources
    .filter(({ live, target }) => !isHook(live ?? target))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(managedResourceItem)
  await Promise.all([
    shared.set(`app|resources-tree|${name}`, { nodes: resourceTree(resources, cache) }),
    shared.set(`app|managed-resources|${name}`, items),
  ]).catch((error: unknown) => controller.log('warning', `failed to write to redis: ${messageOf(error)}`))
}

async function finalize(controller: Controller, key: string, app: Application): Promise<void> {
  const { kube } = controller.context
  const { cache, operations } = controller
  const { trackingMethod } = controller.settings()
  const done = await finalizeApplication(app, { kube, cache, operations, trackingMethod })
  if (!done) {
    controller.requestAfter(key, 'finalize', 1000, 'see whether its resources are gone')
    return
  }
  controller.forget(key)
  await controller.shared.remove(`app|resources-tree|${app.metadata.name}`)
  await controller.shared.remove(`app|managed-resources|${app.metadata.name}`)
}
