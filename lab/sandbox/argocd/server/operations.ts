import { Hono } from 'hono'
import {
  type Application,
  isAutomated,
  isCompleted,
  isMultiSource,
  type Operation,
  type RetryStrategy,
  type Source,
  type SyncOperation,
  type SyncOperationResource,
  sourcesOf,
} from '../application.ts'
import { compact } from '../json.ts'
import { RpcError } from '../repo-server/protocol.ts'
import { isCommit } from '../repo-server/refs.ts'
import { findRepository } from '../repositories.ts'
import {
  bodyOf,
  type Environment,
  getApplication,
  onCurrent,
  patchApplication,
  repositorySecrets,
} from './environment.ts'
import { ApiFailure } from './errors.ts'
import { present } from './present.ts'

type SyncRequest = {
  revision?: string
  prune?: boolean
  dryRun?: boolean
  strategy?: SyncOperation['syncStrategy']
  resources?: SyncOperationResource[]
  syncOptions?: { items?: string[] }
  retryStrategy?: RetryStrategy
  infos?: { name: string; value: string }[]
}

/** `sync`, `rollback` and `operation` below `/api/v1/applications/{name}`. */
export function operationRoutes(environment: Environment): Hono {
  const { repo, events } = environment
  const routes = new Hono()

  const resolve = async (app: Application, source: Source, revision: string): Promise<string> => {
    const repository = findRepository(await repositorySecrets(environment), source.repoURL, app.spec.project)
    try {
      return (await repo.resolveRevision({ repository, revision })).revision
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      throw new ApiFailure('FailedPrecondition', error.describe())
    }
  }

  /** Writes the operation unless one is going on. */
  const begin = (app: Application, operation: Operation): Promise<Application> =>
    onCurrent(environment, app, (current) => {
      const state = current.status?.operationState
      if (current.operation || (state && !isCompleted(state.phase)))
        throw new ApiFailure('FailedPrecondition', 'another operation is already in progress')
      return patchApplication(environment, current, {
        operation,
        ...(state ? { status: { operationState: null } } : {}),
      })
    })

  routes.post('/:name/sync', async (c) => {
    const [app, request] = [await getApplication(environment, c), await bodyOf<SyncRequest>(c)]
    if (app.metadata.deletionTimestamp) throw new ApiFailure('FailedPrecondition', 'application is deleting')
    const sources = sourcesOf(app.spec)
    const [source] = sources
    if (!source) throw new ApiFailure('FailedPrecondition', 'the application has no source')
    const target = source.targetRevision || 'HEAD'
    const wanted = request.revision || target
    if (isAutomated(app.spec) && !request.dryRun && request.revision && request.revision !== target)
      throw new ApiFailure(
        'FailedPrecondition',
        `Cannot sync to ${request.revision}: auto-sync currently set to ${target}`,
      )
    const revisions = await Promise.all(
      sources.map((item, at) => resolve(app, item, at === 0 ? wanted : item.targetRevision || 'HEAD')),
    )
    const commit = revisions[0] as string
    const multiple = isMultiSource(app.spec)
    const sync: SyncOperation = compact({
      ...(multiple ? { revisions, sources: [...sources] } : { revision: commit, source }),
      prune: request.prune ?? false,
      dryRun: request.dryRun ?? false,
      resources: request.resources ?? [],
      syncOptions: request.syncOptions?.items ?? app.spec.syncPolicy?.syncOptions ?? [],
      ...(request.strategy ? { syncStrategy: request.strategy } : {}),
    })
    const retry = request.retryStrategy ?? app.spec.syncPolicy?.retry ?? {}
    const operation = {
      initiatedBy: { username: 'admin' },
      retry,
      sync,
      ...(request.infos ? { info: request.infos } : {}),
    }
    const stored = await begin(app, operation)
    const partial = request.resources?.length ? 'partial ' : ''
    const shown = isCommit(wanted) ? commit : `${wanted} (${commit})`
    events.write(app, 'OperationStarted', `admin initiated ${partial}sync to ${shown}`)
    return c.json(present(stored))
  })

  routes.post('/:name/rollback', async (c) => {
    const app = await getApplication(environment, c)
    const {
      id = 0,
      prune = false,
      dryRun = false,
    } = await bodyOf<{ id?: number; prune?: boolean; dryRun?: boolean }>(c)
    if (app.metadata.deletionTimestamp) throw new ApiFailure('FailedPrecondition', 'application is deleting')
    if (isAutomated(app.spec))
      throw new ApiFailure('FailedPrecondition', 'rollback cannot be initiated when auto-sync is enabled')
    const entry = app.status?.history?.find((item) => item.id === Number(id))
    if (!entry) {
      const name = `${app.metadata.namespace}/${app.metadata.name}`
      throw new ApiFailure('InvalidArgument', `application ${name} does not have deployment with id ${id}`)
    }
    const { revision, revisions, source, sources } = entry
    const sync: SyncOperation = compact({
      ...compact({ revision: revision ?? '', revisions: revisions ?? [] }),
      ...(sources ? { sources } : {}),
      ...(source ? { source } : {}),
      prune,
      dryRun,
      syncOptions: app.spec.syncPolicy?.syncOptions ?? [],
      syncStrategy: { apply: {} },
    })
    const stored = await begin(app, { initiatedBy: { username: 'admin' }, retry: {}, sync })
    events.write(app, 'OperationStarted', `admin initiated rollback to ${id}`)
    return c.json(present(stored))
  })

  routes.delete('/:name/operation', async (c) => {
    const app = await getApplication(environment, c)
    await onCurrent(environment, app, (current) => {
      const state = current.status?.operationState
      if (!current.operation || !state || isCompleted(state.phase))
        throw new ApiFailure('InvalidArgument', 'Unable to terminate operation. No operation is in progress')
      return patchApplication(environment, current, { status: { operationState: { phase: 'Terminating' } } })
    })
    return c.json({})
  })

  return routes
}
