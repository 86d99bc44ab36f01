import { Hono } from 'hono'
import { isNotFound } from '../../core/kube-client.ts'
import { secretText } from '../../core/kube-objects.ts'
import { IN_CLUSTER, PROJECTS } from '../application.ts'
import { type Environment, repositorySecrets } from './environment.ts'
import { ApiFailure } from './errors.ts'

/** Projects, repositories and clusters: to be read here, to be changed with kubectl. */
export function catalogRoutes(environment: Environment): Hono {
  const { kube, namespace } = environment
  const routes = new Hono()

  routes.get('/projects', async (c) => {
    const list = await kube.list(PROJECTS, { namespace })
    return c.json({ metadata: { resourceVersion: list.resourceVersion }, items: list.items })
  })

  routes.get('/projects/:name', async (c) => {
    try {
      const { metadata, spec, ['status']: status = {} } = await kube.get(PROJECTS, c.req.param('name'), namespace)
      return c.json({ metadata, spec, status })
    } catch (error) {
      if (!isNotFound(error)) throw error
      throw new ApiFailure('NotFound', `appprojects.argoproj.io "${c.req.param('name')}" not found`)
    }
  })

  const repositories = async () => {
    const secrets = await repositorySecrets(environment)
    return secrets
      .filter((secret) => secret.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
      .map((secret) => ({
        repo: secretText(secret, 'url') ?? '',
        username: secretText(secret, 'username'),
        type: secretText(secret, 'type') ?? 'git',
        name: secretText(secret, 'name'),
        project: secretText(secret, 'project'),
      }))
  }

  routes.get('/repositories', async (c) => c.json({ metadata: {}, items: await repositories() }))

  routes.get('/repositories/:url', async (c) => {
    const url = c.req.param('url')
    const found = (await repositories()).find(({ repo }) => repo === url)
    if (!found) throw new ApiFailure('NotFound', `repo '${url}' not found`)
    return c.json(found)
  })

  const cluster = { ...IN_CLUSTER, config: { tlsClientConfig: { insecure: false } } }
  routes.get('/clusters', (c) => c.json({ metadata: {}, items: [cluster] }))

  routes.get('/clusters/:server', (c) => {
    const wanted = c.req.param('server')
    if (wanted !== IN_CLUSTER.server && wanted !== IN_CLUSTER.name)
      throw new ApiFailure('PermissionDenied', 'permission denied')
    return c.json(cluster)
  })

  return routes
}
