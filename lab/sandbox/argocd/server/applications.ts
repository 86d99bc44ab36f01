import { Hono } from 'hono'
import { applyMergePatch, equalJson } from '../../core/json.ts'
import { KubeError, type KubeObject } from '../../core/kube-client.ts'
import { EVENTS } from '../../core/kube-objects.ts'
import { APPLICATIONS, type Application, type ApplicationSpec, REFRESH_ANNOTATION, sourcesOf } from '../application.ts'
import type { ManagedResourceItem, ResourceNode } from '../controller/tree.ts'
import { sortedJson } from '../json.ts'
import { findRepository, normalizeUrl } from '../repositories.ts'
import { validateSpec } from '../spec.ts'
import {
  bodyOf,
  type Environment,
  getApplication,
  getProject,
  MANAGER,
  onCurrent,
  patchApplication,
  repositorySecrets,
} from './environment.ts'
import { ApiFailure } from './errors.ts'
import { present, selectFields } from './present.ts'

/** How long a request with `?refresh` waits for the controller. */
const REFRESH_WAIT = 60_000

/** `/api/v1/applications`: reading and writing Applications. */
export function applicationRoutes(environment: Environment): Hono {
  const { kube, clock, namespace, shared, repo, signal } = environment
  const routes = new Hono()

  const nodesOf = async (name: string): Promise<ResourceNode[]> =>
    (await shared.get<{ nodes: ResourceNode[] }>(`app|resources-tree|${name}`))?.nodes ?? []

  const shown = async (app: Application) => present(app, await nodesOf(app.metadata.name))

  const validate = async (spec: ApplicationSpec, name: string) => {
    const errors = validateSpec(spec, await getProject(environment, spec.project))
    if (errors.length > 0)
      throw new ApiFailure(
        'InvalidArgument',
        `application spec for ${name} is invalid: InvalidSpecError: ${errors.join(';')}`,
      )
  }

  const refreshed = async (app: Application, type: string): Promise<Application> => {
    const { name } = app.metadata
    await kube.patch(
      APPLICATIONS,
      name,
      namespace,
      'merge',
      { metadata: { annotations: { [REFRESH_ANNOTATION]: type } } },
      { fieldManager: MANAGER },
    )
    for (const until = clock.now() + REFRESH_WAIT; clock.now() < until; ) {
      const now = (await kube.get(APPLICATIONS, name, namespace)) as Application
      if (now.metadata.annotations?.[REFRESH_ANNOTATION] === undefined) return now
      await clock.sleep(50, signal)
    }
    throw new ApiFailure(
      'Unavailable',
      `Application ${name} was not refreshed within a minute: is argocd-application-controller running?`,
    )
  }

  routes.get('/', async (c) => {
    const labelSelector = c.req.query('selector')
    const list = await kube.list(APPLICATIONS, { namespace, ...(labelSelector ? { labelSelector } : {}) })
    const projects = [...(c.req.queries('projects') ?? []), ...(c.req.queries('project') ?? [])]
    const [url, name] = [c.req.query('repo'), c.req.query('name')]
    const items = (list.items as Application[]).filter(
      (app) =>
        (projects.length === 0 || projects.includes(app.spec.project)) &&
        (!url || sourcesOf(app.spec).some(({ repoURL }) => normalizeUrl(repoURL) === normalizeUrl(url))) &&
        (!name || app.metadata.name === name),
    )
    const body = { metadata: { resourceVersion: list.resourceVersion }, items: await Promise.all(items.map(shown)) }
    return c.json(selectFields(body, c.req.query('fields')) as object)
  })

  routes.post('/', async (c) => {
    const body = await bodyOf<Application>(c)
    const name = body.metadata?.name ?? ''
    if (name === '') throw new ApiFailure('InvalidArgument', 'metadata.name is required')
    const object = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { ...body.metadata, namespace },
      spec: body.spec,
    }
    if (c.req.query('validate') !== 'false') await validate(body.spec, name)
    try {
      return c.json(present((await kube.create(APPLICATIONS, object, { fieldManager: MANAGER })) as Application))
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 409)) throw error
    }
    const existing = (await kube.get(APPLICATIONS, name, namespace)) as Application
    if (equalJson(existing.spec, body.spec)) return c.json(present(existing))
    if (c.req.query('upsert') !== 'true')
      throw new ApiFailure('InvalidArgument', 'existing application spec is different, use upsert flag to force update')
    return c.json(
      present(
        (await kube.update(APPLICATIONS, { ...existing, spec: body.spec }, { fieldManager: MANAGER })) as Application,
      ),
    )
  })

  routes.get('/:name', async (c) => {
    const app = await getApplication(environment, c)
    const refresh = c.req.query('refresh')
    return c.json(await shown(refresh ? await refreshed(app, refresh) : app))
  })

  routes.put('/:name', async (c) => {
    const [app, body] = [await getApplication(environment, c), await bodyOf<Application>(c)]
    await validate(body.spec, app.metadata.name)
    const metadata = {
      ...app.metadata,
      labels: body.metadata?.labels,
      annotations: body.metadata?.annotations,
      finalizers: body.metadata?.finalizers,
    }
    return c.json(
      present(
        (await kube.update(
          APPLICATIONS,
          { ...app, metadata, spec: body.spec },
          { fieldManager: MANAGER },
        )) as Application,
      ),
    )
  })

  routes.put('/:name/spec', async (c) => {
    const [app, spec] = [await getApplication(environment, c), await bodyOf<ApplicationSpec>(c)]
    if (c.req.query('validate') !== 'false') await validate(spec, app.metadata.name)
    const stored = (await kube.update(APPLICATIONS, { ...app, spec }, { fieldManager: MANAGER })) as Application
    return c.json(stored.spec)
  })

  routes.patch('/:name', async (c) => {
    const app = await getApplication(environment, c)
    const { patch = '{}', patchType = 'json' } = await bodyOf<{ patch?: string; patchType?: string }>(c)
    if (patchType !== 'merge') {
      const changed = await kube.patch(APPLICATIONS, app.metadata.name, namespace, 'json', JSON.parse(patch), {
        fieldManager: MANAGER,
      })
      return c.json(present(changed as Application))
    }
    const merged = applyMergePatch(app, JSON.parse(patch)) as Application
    await validate(merged.spec, app.metadata.name)
    return c.json(present((await kube.update(APPLICATIONS, merged, { fieldManager: MANAGER })) as Application))
  })

  routes.delete('/:name', async (c) => {
    const app = await getApplication(environment, c)
    const [cascade, policy] = [c.req.query('cascade') !== 'false', c.req.query('propagationPolicy') ?? '']
    await prepareDeletion(environment, app, cascade, policy)
    await kube.delete(APPLICATIONS, app.metadata.name, namespace)
    return c.json({})
  })

  routes.get('/:name/resource-tree', async (c) => {
    const app = await getApplication(environment, c)
    return c.json({ nodes: await nodesOf(app.metadata.name) })
  })

  routes.get('/:name/managed-resources', async (c) => {
    const app = await getApplication(environment, c)
    const items = (await shared.get<ManagedResourceItem[]>(`app|managed-resources|${app.metadata.name}`)) ?? []
    const matches = (item: ManagedResourceItem) =>
      (['group', 'kind', 'namespace', 'name'] as const).every((field) => {
        const wanted = c.req.query(field)
        return !wanted || (item[field] ?? '') === wanted
      })
    return c.json({ items: items.filter(matches) })
  })

  routes.get('/:name/events', async (c) => {
    const app = await getApplication(environment, c)
    const [name, uid] = [c.req.query('resourceName'), c.req.query('resourceUID')]
    const fieldSelector = name
      ? `involvedObject.name=${name}${uid ? `,involvedObject.uid=${uid}` : ''}`
      : `involvedObject.name=${app.metadata.name},involvedObject.uid=${app.metadata.uid}`
    const place = name ? (c.req.query('resourceNamespace') ?? namespace) : namespace
    const list = await kube.list(EVENTS, { namespace: place, fieldSelector })
    return c.json({ metadata: { resourceVersion: list.resourceVersion }, items: list.items })
  })

  routes.get('/:name/manifests', async (c) => {
    const app = await getApplication(environment, c)
    const secrets = await repositorySecrets(environment)
    const answers = await Promise.all(
      sourcesOf(app.spec)
        .filter(({ path }) => path)
        .map((source) =>
          repo.generateManifest({
            repository: findRepository(secrets, source.repoURL, app.spec.project),
            source,
            revision: c.req.query('revision') || source.targetRevision || 'HEAD',
            app: { name: app.metadata.name, namespace: app.spec.destination.namespace ?? '' },
            trackingMethod: 'annotation',
          }),
        ),
    )
    return c.json({
      manifests: answers.flatMap(({ manifests }) => manifests.map((object) => sortedJson(masked(object)))),
    })
  })

  routes.get('/:name/revisions/:revision/metadata', async (c) => {
    const app = await getApplication(environment, c)
    const [source] = sourcesOf(app.spec)
    if (!source) throw new ApiFailure('InvalidArgument', 'the application has no source')
    const repository = findRepository(await repositorySecrets(environment), source.repoURL, app.spec.project)
    return c.json(await repo.revisionMetadata({ repository, revision: c.req.param('revision') }))
  })

  return routes
}

/** Values of Secrets are not shown. */
function masked(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const mask = (values: object) => Object.fromEntries(Object.keys(values).map((key) => [key, '++++++++']))
  const result = { ...object }
  for (const field of ['data', 'stringData']) if (result[field]) result[field] = mask(result[field])
  return result
}

const FOREGROUND = 'resources-finalizer.argocd.argoproj.io'

/** Puts the finalizer there that deletes the resources first, or takes it away. */
async function prepareDeletion(environment: Environment, app: Application, cascade: boolean, policy: string) {
  const names: Record<string, string> = {
    '': FOREGROUND,
    foreground: FOREGROUND,
    background: `${FOREGROUND}/background`,
  }
  const wanted = names[policy]
  if (wanted === undefined) throw new ApiFailure('InvalidArgument', `invalid propagation policy: ${policy}`)
  if (!cascade && policy !== '')
    throw new ApiFailure('InvalidArgument', 'cannot set propagation policy when cascading is disabled')
  await onCurrent(environment, app, async (current) => {
    const before = current.metadata.finalizers ?? []
    const others = before.filter((name) => !name.startsWith(FOREGROUND))
    const after = cascade ? (before.includes(wanted) ? before : [...others, wanted]) : others
    if (!equalJson(before, after)) await patchApplication(environment, current, { metadata: { finalizers: after } })
  })
}
